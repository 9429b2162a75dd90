"""Train and validate in turns."""

import torch
from torch import nn


def validate(model, x, y):
    model.eval()
    torch.set_grad_enabled(False)  # expect: no-history
    error = nn.functional.l1_loss(model(x), y)
    model.train()
    return error.item()


def train(model, x, y, optimizer):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.1), nn.Linear(4, 1))
optimizer = torch.optim.Adam(model.parameters())
x, y = torch.randn(8, 2), torch.randn(8, 1)
for epoch in range(3):
    train(model, x, y, optimizer)
    print(epoch, validate(model, x, y))
