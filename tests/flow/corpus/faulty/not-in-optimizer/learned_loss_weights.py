"""Homoscedastic task weights that are never stepped."""

import torch
from torch import nn


class Uncertainty(nn.Module):
    def __init__(self, tasks):
        super().__init__()
        self.log_variance = nn.Parameter(torch.zeros(tasks))

    def forward(self, losses):
        losses = torch.stack(losses)
        return (losses * torch.exp(-self.log_variance) + self.log_variance).sum()


def fit(model, combine, x, goals):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(5):
        out = model(x)
        loss = combine([(out[:, i] - g).pow(2).mean() for i, g in enumerate(goals)])
        optimizer.zero_grad()
        loss.backward()  # expect: not-in-optimizer
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
x = torch.randn(10, 4)
print(fit(nn.Linear(4, 2), Uncertainty(2), x, [x[:, 0], 10 * x[:, 1]]))
