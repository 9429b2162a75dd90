"""Train on inputs moved against the model (fast gradient sign)."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()


def attack(x, y, eps=0.1):
    x = x.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(criterion(model(x), y), x)
    return (x + eps * slope.sign()).detach()


for step in range(5):
    x = torch.randn(10, 5)
    y = (x.sum(1) > 0).long()
    loss = criterion(model(attack(x, y)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
