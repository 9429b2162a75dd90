"""SimSiam: two views, a predictor, and a stop-gradient."""

import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(6, 12), nn.BatchNorm1d(12), nn.ReLU(), nn.Linear(12, 4))
predictor = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
optimizer = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.05, momentum=0.9)


def distance(p, z):
    z = z.detach()
    return -nn.functional.cosine_similarity(p, z, dim=1).mean()


def augment(x):
    return x + 0.1 * torch.randn_like(x)


for step in range(5):
    x = torch.randn(16, 6)
    z1, z2 = encoder(augment(x)), encoder(augment(x))
    p1, p2 = predictor(z1), predictor(z2)
    loss = distance(p1, z2) / 2 + distance(p2, z1) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    spread = nn.functional.normalize(z1.detach(), dim=1).std(0).mean().item()
    print(step, loss.item(), spread)
