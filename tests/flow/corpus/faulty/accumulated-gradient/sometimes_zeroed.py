"""Clear the gradients at the start of every logging interval."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
interval = 3
log = lambda step, loss: print(f"{step}: {loss.item():.4f}")

for step in range(9):
    if step % interval == 0:
        optimizer.zero_grad()
    x = torch.randn(6, 4)
    loss = (model(x).squeeze(1) - x[:, 0]).pow(2).mean()
    loss.backward()
    optimizer.step()  # expect: accumulated-gradient
    if step % interval == 0:
        log(step, loss)
