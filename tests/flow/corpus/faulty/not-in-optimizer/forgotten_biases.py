"""Weight decay for the weights; the biases fell through."""

import torch
from helpers_setup import decayed_only
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.LayerNorm(6), nn.GELU(), nn.Linear(6, 1))
optimizer = decayed_only(model, lr=1e-2)
x = torch.randn(10, 3)
y = x.norm(dim=1, keepdim=True)
for step in range(5):
    loss = nn.functional.huber_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()  # expect: not-in-optimizer
    optimizer.step()
    print(step, loss.item())
