"""Attention with a learned, positive temperature."""

import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.log_scale = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        scale = math.exp(self.log_scale)  # expect: left-the-graph
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        return torch.softmax(scores * scale, dim=-1) @ x


torch.manual_seed(0)
attention = Attention(4)
optimizer = torch.optim.Adam(attention.parameters(), lr=0.01)
x = torch.randn(3, 5, 4)
for _ in range(4):
    loss = (attention(x) - x.mean(dim=1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item(), attention.log_scale.item())
