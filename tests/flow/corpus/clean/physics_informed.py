"""Solve u' = -u, u(0) = 1 with a network."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
start = torch.zeros(1, 1)

for step in range(8):
    t = torch.rand(10, 1, requires_grad=True)
    u = net(t)
    (du,) = torch.autograd.grad(u.sum(), t, create_graph=True)
    residual = (du + u).pow(2).mean()
    initial = (net(start) - 1).pow(2).mean()
    loss = residual + initial
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 4 == 3:
        print(step, loss.item())
with torch.no_grad():
    print("u(1) =", net(torch.ones(1, 1)).item())
