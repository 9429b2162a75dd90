"""A rounding layer and a gradient reversal, written as autograd Functions."""

import torch
from torch import nn
from torch.autograd import Function


class Round(Function):
    @staticmethod
    def forward(ctx, x, levels):
        ctx.save_for_backward(x)
        return torch.round(x * levels) / levels

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1).float(), None


class Reverse(Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


torch.manual_seed(0)
features = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
label, domain = nn.Linear(6, 2), nn.Linear(6, 2)
parts = nn.ModuleList([features, label, domain])
optimizer = torch.optim.SGD(parts.parameters(), lr=0.1)
x, y, d = torch.randn(12, 4), torch.randint(0, 2, (12,)), torch.randint(0, 2, (12,))
for _ in range(5):
    h = Round.apply(features(x), 8)
    loss_y = nn.functional.cross_entropy(label(h), y)
    loss_d = nn.functional.cross_entropy(domain(Reverse.apply(h)), d)
    optimizer.zero_grad()
    (loss_y + loss_d).backward()
    optimizer.step()
print(loss_y.item(), loss_d.item())
