"""Fit a line by hand."""

import torch


def descend(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            p -= rate * p.grad  # expect: accumulated-gradient


torch.manual_seed(0)
x = torch.linspace(-1, 1, 15)
y = 2 * x + 0.5
slope = torch.zeros(1, requires_grad=True)
offset = torch.zeros(1, requires_grad=True)
for step in range(10):
    loss = (slope * x + offset - y).pow(2).mean()
    loss.backward()
    descend([slope, offset], 0.1)
print(slope.item(), offset.item(), loss.item())
