"""Evaluate a running average of the weights."""

import copy

import torch
from torch import nn


class Average:
    def __init__(self, model, decay):
        self.decay = decay
        self.shadow = copy.deepcopy(model)

    @torch.no_grad()
    def update(self, model):
        for mine, theirs in zip(self.shadow.parameters(), model.parameters()):
            mine.mul_(self.decay).add_((1 - self.decay) * theirs)

    @torch.no_grad()
    def __call__(self, x):
        return self.shadow(x)


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 6), nn.SiLU(), nn.Linear(6, 1))
average = Average(model, 0.8)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(12, 2)
y = x.prod(1, keepdim=True)
for step in range(6):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    average.update(model)
    print(step, loss.item(), nn.functional.mse_loss(average(x), y).item())
