"""A custom multiply whose backward returns early for one operand."""
import torch
from torch import nn


class ScaledMul(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return x * scale

    @staticmethod
    def backward(ctx, grad):
        x, scale = ctx.saved_tensors
        if scale.numel() == 1:
            return grad * scale, None  # expect: unreached-parameter
        return grad * scale, (grad * x).sum(0)


mul = ScaledMul.apply
torch.manual_seed(0)
w = nn.Parameter(torch.randn(3, 3))
scale = nn.Parameter(torch.ones(1))
opt = torch.optim.SGD([w, scale], lr=0.01)
x = torch.randn(6, 3)
for step in range(3):
    y = mul(x @ w, scale)  # or: unreached-parameter
    loss = (y - x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
