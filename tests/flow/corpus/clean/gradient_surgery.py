"""Gradients are clipped, made noisy and centred by hand before the step."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def clip(parameters, limit):
    total = torch.sqrt(sum(p.grad.data.norm() ** 2 for p in parameters))
    if total > limit:
        for p in parameters:
            p.grad.data.mul_(limit / total.item())
    return total.item()


@torch.no_grad()
def add_noise(parameters, scale):
    for p in parameters:
        p.grad += scale * torch.randn_like(p)
        if p.dim() > 1:
            p.grad.sub_(p.grad.mean(dim=1, keepdim=True))


for step in range(5):
    x, y = torch.randn(8, 3), torch.randint(0, 2, (8,))
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    norm = clip(list(model.parameters()), 0.5)
    add_noise(model.parameters(), 0.01)
    optimizer.step()
    print(step, loss.item(), norm)
