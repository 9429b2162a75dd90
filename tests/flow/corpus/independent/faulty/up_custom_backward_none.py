"""A learned leaky slope whose hand-written backward forgets the slope."""
import torch
from torch import nn


class Leaky(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, alpha):
        ctx.save_for_backward(x, alpha)
        return torch.where(x > 0, x, alpha * x)

    @staticmethod
    def backward(ctx, g):
        x, alpha = ctx.saved_tensors
        return torch.where(x > 0, g, alpha * g), None  # expect: unreached-parameter


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 8)
        self.alpha = nn.Parameter(torch.tensor([0.1]))
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(Leaky.apply(self.lin(x), self.alpha))  # or: unreached-parameter


torch.manual_seed(0)
model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(10, 4), torch.randn(10, 1)
for _ in range(3):
    opt.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
