"""Attention with padding hidden after the softmax."""

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)

    def forward(self, x, padding):
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        weights = torch.softmax(scores, dim=-1)
        weights[padding] = 0.0  # expect: saved-value-modified
        return weights @ x


torch.manual_seed(0)
attention = Attention(4)
optimizer = torch.optim.Adam(attention.parameters())
x = torch.randn(2, 3, 4)
padding = torch.zeros(2, 3, 3, dtype=torch.bool)
padding[:, :, 2] = True
for _ in range(2):
    loss = attention(x, padding).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
