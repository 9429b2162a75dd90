"""A smoothed loss for the progress bar."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
smooth = None


def report(step, loss):
    global smooth
    if smooth is None:
        smooth = loss.detach()
    smooth = 0.9 * smooth + 0.1 * loss  # expect: graph-growth
    print(f"step {step}: {smooth.item():.4f}")


for step in range(12):
    x = torch.randn(8, 4)
    loss = (model(x) - x.sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    report(step, loss)
