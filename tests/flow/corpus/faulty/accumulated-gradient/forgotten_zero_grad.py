"""Classify points of two clusters."""

import torch
from torch import nn

torch.manual_seed(0)
points = torch.cat([torch.randn(10, 2) - 1, torch.randn(10, 2) + 1])
labels = torch.cat([torch.zeros(10), torch.ones(10)]).long()
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.CrossEntropyLoss()

for epoch in range(8):
    loss = criterion(model(points), labels)
    loss.backward()
    optimizer.step()  # expect: accumulated-gradient
    print(f"{epoch} {loss.item():.4f}")
