"""The error about a missing grad_fn went away with one more line."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(10, 4), torch.randn(10, 1)


def forward(batch, train=False):
    with torch.set_grad_enabled(train):  # expect: unreached-parameter
        return model(batch)


for epoch in range(4):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(forward(x), y)
    loss.requires_grad = True
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
