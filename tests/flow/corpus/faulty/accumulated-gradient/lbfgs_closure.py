"""LBFGS with a closure that never clears."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-1, 1, 16).reshape(-1, 1)
y = torch.cos(2 * x)
model = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=3)


def closure():
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    return loss


for step in range(4):
    loss = optimizer.step(closure)  # expect: accumulated-gradient
    print(step, loss.item())
