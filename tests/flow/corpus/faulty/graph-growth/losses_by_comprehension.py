"""One epoch in one line."""

import torch
from torch import nn


def make_step(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 1))
step = make_step(model, torch.optim.AdamW(model.parameters(), lr=1e-2))
batches = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(12)]
losses = [step(x, y) for x, y in batches]  # expect: graph-growth
print("mean", torch.stack(losses).mean().item())
