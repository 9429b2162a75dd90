"""Validate with averaged weights between the loss and its backward."""

import copy

import torch
from torch import nn


class Averaged:
    def __init__(self, model):
        self.model = model
        self.average = copy.deepcopy(model.state_dict())

    def update(self):
        for name, value in self.model.state_dict().items():
            self.average[name].mul_(0.9).add_(0.1 * value)

    def load(self, state):
        for name, p in self.model.named_parameters():
            p.data.copy_(state[name])  # expect: stale-saved-value

    def validate(self, x, y):
        with torch.no_grad():
            self.load(self.average)
            return nn.functional.mse_loss(self.model(x), y).item()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1))
averaged = Averaged(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(5):
    loss = nn.functional.mse_loss(model(x), y)
    print(loss.item(), averaged.validate(x, y))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    averaged.update()
print(model[2].weight.tolist())
