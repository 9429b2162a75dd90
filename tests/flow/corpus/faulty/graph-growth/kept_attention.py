"""A model that keeps its attention maps for a figure."""

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.maps = {}
        self.calls = 0

    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        attention = torch.softmax(scores, dim=-1)
        self.maps[self.calls] = attention  # expect: graph-growth
        self.calls += 1
        return attention @ self.value(x)


torch.manual_seed(0)
model = Attention(4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(10):
    x = torch.randn(2, 5, 4)
    loss = (model(x) - x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(len(model.maps), model.maps[0].max().item(), loss.item())
