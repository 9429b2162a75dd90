"""The gradients of two losses on one graph, one after the other."""

import torch
from torch import nn


def flat(model):
    return torch.cat([p.grad.flatten() for p in model.parameters()])


torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(3, 6), nn.Tanh())
optimizer = torch.optim.SGD(trunk.parameters(), lr=0.1)
x = torch.randn(10, 3)
for _ in range(4):
    h = trunk(x)
    first, second = h[:, :3].pow(2).mean(), (h[:, 3:] - 1).pow(2).mean()
    optimizer.zero_grad()
    first.backward(retain_graph=True)
    g1 = flat(trunk).clone()
    second.backward()
    g2 = flat(trunk) - g1
    optimizer.step()
    angle = torch.nn.functional.cosine_similarity(g1, g2, dim=0)
    print(first.item(), second.item(), "angle", angle.item())
