"""Sparse activations by a penalty."""

import torch
from torch import nn


class Sparse(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(6, 10)
        self.outer = nn.Linear(10, 6)
        self.activity = 0.0

    def forward(self, x):
        h = torch.relu(self.inner(x))
        self.activity = h.abs().mean().item()  # expect: left-the-graph
        return self.outer(h)


torch.manual_seed(0)
model = Sparse()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(12, 6)
for step in range(5):
    reconstruction = nn.functional.mse_loss(model(x), x)
    loss = reconstruction + 0.5 * model.activity
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, reconstruction.item(), model.activity)
