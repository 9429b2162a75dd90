"""Mixture of two experts behind a gate."""

import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gate = nn.Linear(width, 1)
        self.left = nn.Linear(width, width)
        self.right = nn.Linear(width, width)

    def forward(self, x):
        score = torch.sigmoid(self.gate(x))
        choice = (score > 0.5).float()  # expect: non-differentiable
        return choice * self.left(x) + (1 - choice) * self.right(x)


torch.manual_seed(0)
model = Gated(4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(16, 4)
target = torch.where(x[:, :1] > 0, x, -x)
for _ in range(6):
    loss = (model(x) - target).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
