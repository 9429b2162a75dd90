"""Sharpness-aware minimisation: up the slope, then down from there."""

import torch
from torch import nn


class SAM:
    def __init__(self, parameters, rho, **kwargs):
        self.parameters, self.rho = list(parameters), rho
        self.base = torch.optim.SGD(self.parameters, **kwargs)

    @torch.no_grad()
    def step(self, closure):
        closure = torch.enable_grad()(closure)
        loss = closure()
        norm = torch.stack([p.grad.norm() for p in self.parameters]).norm()
        moves = [p.grad * (self.rho / (norm + 1e-12)) for p in self.parameters]
        for p, move in zip(self.parameters, moves):
            p.add_(move)
        closure()
        for p, move in zip(self.parameters, moves):
            p.sub_(move)
        self.base.step()
        return loss


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = SAM(model.parameters(), rho=0.05, lr=0.1)
x = torch.randn(16, 2)
y = (x.prod(dim=1) > 0).long()


def closure():
    model.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    return loss


for step in range(5):
    print(step, optimizer.step(closure).item())
