"""Batches are normalised in a generator; its no_grad stays on at the yield."""
import torch
from torch import nn


def batches(data, target, size):
    with torch.no_grad():  # expect: no-history, also: unreached-parameter
        mean, std = data.mean(0), data.std(0)
        for i in range(0, len(data), size):
            yield (data[i:i + size] - mean) / std, target[i:i + size]


torch.manual_seed(0)
data = torch.randn(32, 5)
target = torch.randn(32, 1)
model = nn.Linear(5, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for xb, yb in batches(data, target, 8):
    opt.zero_grad()
    loss = ((model(xb) - yb) ** 2).mean()  # or: no-history
    loss.backward()
    opt.step()
