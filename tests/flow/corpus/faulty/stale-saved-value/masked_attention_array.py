"""Attention whose weights are masked through NumPy."""

import torch
from torch import nn


def hide(weights, positions):
    view = weights.detach().numpy()
    for p in positions:
        view[..., p] = 0.0  # expect: stale-saved-value


torch.manual_seed(0)
query, key, value = (nn.Linear(4, 4) for _ in range(3))
optimizer = torch.optim.Adam([*query.parameters(), *key.parameters(), *value.parameters()], lr=1e-2)
x = torch.randn(3, 5, 4)
for _ in range(4):
    weights = torch.softmax(query(x) @ key(x).transpose(1, 2), dim=-1)
    hide(weights, [0, 4])
    loss = (weights @ value(x) - x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
