"""SimSiam with the stop-gradient on the predictor."""

import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 4))
predictor = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
optimizer = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.05)


def distance(p, z):
    return -nn.functional.cosine_similarity(p.detach(), z, dim=1).mean()  # expect: unreached-parameter


for step in range(4):
    x = torch.randn(16, 6)
    z1, z2 = (encoder(x + 0.1 * torch.randn_like(x)) for _ in range(2))
    loss = distance(predictor(z1), z2) / 2 + distance(predictor(z2), z1) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
