"""Four small batches for each step of the optimiser."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.GELU(), nn.Linear(10, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
batches = [(torch.randn(4, 5), torch.randint(0, 2, (4,))) for _ in range(12)]
every = 4
seen = 0.0

optimizer.zero_grad()
for i, (x, y) in enumerate(batches):
    loss = nn.functional.cross_entropy(model(x), y) / every
    loss.backward()
    seen += loss.item()
    if (i + 1) % every == 0:
        optimizer.step()
        optimizer.zero_grad()
        print(i, seen)
        seen = 0.0
