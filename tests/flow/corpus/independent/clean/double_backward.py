"""Sobolev training: match a function and its derivative."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def value_and_slope(x):
    x = x.clone().requires_grad_(True)
    y = net(x)
    dy, = torch.autograd.grad(y.sum(), x, create_graph=True)
    return y, dy


for step in range(6):
    x = torch.rand(20, 1) * 4 - 2
    y, dy = value_and_slope(x)
    loss = (y - torch.sin(x)).pow(2).mean() + 0.5 * (dy - torch.cos(x)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
