"""Histogram features with a learned bin width."""

import torch
from torch import nn

torch.manual_seed(0)
width = nn.Parameter(torch.tensor(0.5))
offset = nn.Parameter(torch.tensor(0.1))
table = nn.Parameter(torch.randn(12))
optimizer = torch.optim.Adam([width, offset, table], lr=0.01)
bins = lambda x: (x / width + offset).int().clamp(0, 11)  # expect: non-differentiable

x = torch.rand(20) * 4
y = torch.sin(x)
for epoch in range(5):
    prediction = table[bins(x).long()]
    loss = (prediction - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item(), width.item())
