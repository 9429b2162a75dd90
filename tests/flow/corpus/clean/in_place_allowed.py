"""Writes in place that no gradient needs the old value of."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one = nn.Linear(width, width)
        self.two = nn.Linear(width, width)
        self.drop = nn.Dropout(0.1, inplace=True)

    def forward(self, x):
        y = self.one(x).relu_()
        y = self.two(y)
        y += x
        y.mul_(0.5).add_(0.1)
        return self.drop(y)


torch.manual_seed(0)
model = nn.Sequential(Block(4), nn.ReLU(inplace=True), Block(4), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(6, 4)
    x[x.abs() > 2] = 0.0
    target = x.sum(dim=1, keepdim=True)
    target.clamp_(-1, 1)
    out = model(x)
    loss = (out - target).pow(2).mean()
    loss *= 10
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
