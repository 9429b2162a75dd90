"""Sum the losses up and learn from the sum so far."""

import torch
from torch import nn


def train(model, batches):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    total = 0
    for x, y in batches:
        optimizer.zero_grad()
        total = total + nn.functional.cross_entropy(model(x), y)
        total.backward()  # expect: backward-twice
        optimizer.step()
    return total.item()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2))
print(train(model, [(torch.randn(4, 3), torch.randint(0, 2, (4,))) for _ in range(3)]))
