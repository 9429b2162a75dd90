"""A residual block that saves memory with +=."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, width)

    def forward(self, x):
        y = torch.sigmoid(self.inner(x))
        y += x  # expect: saved-value-modified
        return y


torch.manual_seed(0)
model = nn.Sequential(Block(4), Block(4), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, target = torch.randn(5, 4), torch.randn(5, 1)
for _ in range(3):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), target)
    loss.backward()
    optimizer.step()
