"""Fit an offset and a scaled slope."""

import math

import torch


def make_parameters(inputs):
    scale = 1 / math.sqrt(inputs)
    slope = torch.rand(inputs, requires_grad=True) * scale  # expect: non-leaf-grad
    offset = torch.zeros((), requires_grad=True)
    return slope, offset


torch.manual_seed(0)
slope, offset = make_parameters(4)
optimizer = torch.optim.SGD([slope, offset], lr=0.1)
x, y = torch.randn(8, 4), torch.randn(8)
for _ in range(3):
    optimizer.zero_grad()
    loss = (x @ slope + offset - y).square().mean()
    loss.backward()
    optimizer.step()
print(loss.item())
