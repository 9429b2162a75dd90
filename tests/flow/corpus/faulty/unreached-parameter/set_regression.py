"""Regression on sets, with a pooling from a library for inference."""

import torch
from helpers_pooling import attentive_pool, mean_pool
from torch import nn


class SetModel(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.value = nn.Linear(3, width)
        self.score = nn.Linear(3, 1)
        self.out = nn.Linear(2 * width, 1)

    def forward(self, x):
        values = torch.relu(self.value(x))
        pooled = attentive_pool(values, self.score(x).squeeze(-1))
        return self.out(torch.cat([pooled, mean_pool(values)], dim=1))


torch.manual_seed(0)
model = SetModel()
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(8, 5, 3)
    loss = (model(x) - x.amax(dim=1).sum(dim=1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
