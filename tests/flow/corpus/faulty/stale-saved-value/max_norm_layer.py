"""A layer that keeps its rows short, after it has used them."""

import torch
from helpers_constraints import max_norm
from torch import nn


class Short(nn.Linear):
    def forward(self, x):
        y = super().forward(x)
        max_norm(self.weight)
        return y


torch.manual_seed(0)
model = nn.Sequential(Short(4, 6), nn.Tanh(), Short(6, 1))
with torch.no_grad():
    model[2].weight.mul_(10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
x, y = torch.randn(8, 4), torch.randn(8, 1)
for _ in range(5):
    loss = (model(x) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item(), model[0].weight.sum().item())
