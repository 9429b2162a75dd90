"""Validation that detaches under no_grad."""

import torch
from torch import nn


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    outputs = [model(batch).detach() for batch in batches]  # expect-note: redundant-detach
    model.train()
    return torch.cat(outputs)


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.Dropout(0.2), nn.Linear(6, 1))
optimizer = torch.optim.Adam(model.parameters())
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(4):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(loss.item(), evaluate(model, x.split(4)).mean().item())
