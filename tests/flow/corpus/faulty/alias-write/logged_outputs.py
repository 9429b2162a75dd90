"""Regression that logs normalised outputs."""

import torch
from helpers_figures import normalised
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.out = nn.Linear(8, 1)
        self.log = {}

    def forward(self, x):
        y = self.out(torch.relu(self.body(x)))
        self.log["output"] = y.detach()
        return y


torch.manual_seed(0)
model = Model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(10, 4)
target = 3 + x.sum(dim=1, keepdim=True)
for _ in range(5):
    output = model(x)
    print(normalised(model.log))
    loss = nn.functional.mse_loss(output, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
