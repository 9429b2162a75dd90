"""A leaky integrator whose state is reset where an episode ends."""

import torch
from torch import nn


class Integrator(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.drive = nn.Linear(inputs, width)

    def start(self, state, done):
        fresh = state.detach()
        fresh[done] = 0.0  # expect: alias-write
        return fresh

    def forward(self, x, state):
        return 0.5 * state + self.drive(x)


torch.manual_seed(0)
cell, readout = Integrator(2, 4), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*cell.parameters(), *readout.parameters()], lr=0.1)
state = torch.zeros(5, 4)
for t in range(6):
    x, y, done = torch.randn(5, 2), torch.randn(5, 1), torch.rand(5) < 0.3
    after = cell(x, state)
    state = cell.start(after, done)
    loss = (readout(after) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(t, loss.item())
