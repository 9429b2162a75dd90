"""Fetch the next batch into the same buffer while the last one is still needed."""

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(0)
torch.manual_seed(0)
buffer = rng.normal(size=(6, 3)).astype(np.float32)
batch = torch.from_numpy(buffer)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def fetch():
    buffer[:] = rng.normal(size=buffer.shape)  # expect: stale-saved-value


for step in range(5):
    target = batch.sum(dim=1, keepdim=True)
    loss = nn.functional.mse_loss(model(batch), target)
    fetch()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
print(model.weight.tolist())
