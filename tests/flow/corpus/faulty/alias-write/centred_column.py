"""A module that centres a copy of its first output."""

import torch
from torch import nn


class Heads(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, 3)

    def forward(self, x):
        out = self.linear(x)
        first = out[:, 0].detach()
        first -= first.mean()  # expect: alias-write
        return out, first


torch.manual_seed(0)
model = Heads(4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(9, 4)
goal = torch.stack([x[:, 0] + 2, x[:, 1], x[:, 2]], dim=1)
for step in range(6):
    out, centred = model(x)
    loss = (out - goal).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), centred.std().item())
