"""A module whose scale becomes learned at the end of its forward."""

import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)
        self.scale = torch.ones(width)

    def forward(self, x):
        y = self.linear(x) * self.scale
        if self.training:
            self.scale.requires_grad_(True)  # expect: late-requires-grad
        return y


torch.manual_seed(0)
module = Scaled(3)
x = torch.randn(8, 3)
optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
loss = (module(x) - 3 * x).pow(2).mean()
loss.backward()
optimizer.step()
if module.scale.grad is not None:
    module.scale.data -= 0.1 * module.scale.grad
print(loss.item(), module.scale.tolist())
