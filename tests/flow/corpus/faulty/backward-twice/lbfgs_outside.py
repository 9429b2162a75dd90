"""LBFGS on a loss that was computed once."""

import torch
from helpers_closure import closure_of
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 1))
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5)
x = torch.randn(10, 2)
y = x.prod(dim=1, keepdim=True)
for _ in range(2):
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.step(closure_of(optimizer, loss))
    print(loss.item())
