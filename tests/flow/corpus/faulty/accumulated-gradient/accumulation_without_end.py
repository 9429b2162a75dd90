"""Gradient accumulation that never starts again."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.GELU(), nn.Linear(10, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
batches = [(torch.randn(4, 5), torch.randint(0, 2, (4,))) for _ in range(12)]
every = 4

optimizer.zero_grad()
for i, (x, y) in enumerate(batches, start=1):
    loss = nn.functional.cross_entropy(model(x), y) / every
    loss.backward()
    if i % every == 0:
        optimizer.step()  # expect: accumulated-gradient
        print(i, loss.item() * every)
