"""A scaling layer with a backward written by hand."""

import torch
from torch import nn


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return x * scale

    @staticmethod
    def backward(ctx, gradient):
        x, scale = ctx.saved_tensors
        return gradient * scale, None


class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return Scale.apply(self.linear(x), self.scale)  # expect: unreached-parameter


torch.manual_seed(0)
layer = Scaled(3)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
x = torch.randn(9, 3)
for _ in range(5):
    loss = (layer(x) - 2 * x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item(), layer.scale.tolist())
