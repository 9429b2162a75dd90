"""A Gaussian likelihood takes math.exp of a parameter."""
import math
import torch
from torch import nn


class Gaussian(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.mu = nn.Linear(dim, 1)
        self.log_sigma = nn.Parameter(torch.zeros(()))

    def nll(self, x, y):
        sigma = math.exp(self.log_sigma)  # expect: left-the-graph, also: unreached-parameter
        z = (y - self.mu(x)) / sigma
        return (0.5 * z * z).mean() + math.log(sigma)


torch.manual_seed(0)
model = Gaussian(3)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(20, 3)
y = x.sum(1, keepdim=True) + 0.1 * torch.randn(20, 1)
for _ in range(4):
    loss = model.nll(x, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
