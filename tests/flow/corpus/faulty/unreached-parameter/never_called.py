"""A residual network with a projection."""

import torch
from torch import nn


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv1d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm1d(width)
        self.project = nn.Conv1d(width, width, 1)  # expect: unreached-parameter

    def forward(self, x):
        return torch.relu(x + self.norm(self.conv(x)))


torch.manual_seed(0)
model = nn.Sequential(Residual(3), nn.Flatten(), nn.Linear(15, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(6, 3, 5), torch.randint(0, 2, (6,))
for _ in range(4):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
