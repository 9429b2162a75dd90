"""A home-made layer norm multiplies by gain.data."""
import torch
from torch import nn


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(dim))
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, x):
        mu = x.mean(-1, keepdim=True)
        sd = x.std(-1, keepdim=True) + 1e-5
        return (x - mu) / sd * self.gain.data + self.shift  # expect: unreached-parameter


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = Norm(dim)
        self.lin = nn.Linear(dim, 1)

    def forward(self, x):
        return self.lin(self.norm(x))


torch.manual_seed(0)
model = Block(6)
opt = torch.optim.RMSprop(model.parameters(), lr=0.01)
x, y = torch.randn(10, 6), torch.randn(10, 1)
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
