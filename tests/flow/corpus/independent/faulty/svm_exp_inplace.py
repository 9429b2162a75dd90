"""A softplus written by hand adds in place to the output of exp."""
import torch
from torch import nn


class Softplus(nn.Module):
    def forward(self, x):
        y = torch.exp(x)
        y += 1  # expect: saved-value-modified
        return torch.log(y)


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), Softplus(), nn.Linear(6, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(5, 3), torch.randn(5, 1)
for _ in range(2):
    opt.zero_grad()
    loss = (model(x) - y).pow(2).mean()
    loss.backward()
    opt.step()
