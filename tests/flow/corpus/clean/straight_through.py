"""A binarised network with straight-through gradients."""

import torch
from torch import nn


class Binarized(nn.Linear):
    def forward(self, x):
        scale = self.weight.detach().abs().mean()
        hard = torch.sign(self.weight) * scale
        weight = self.weight + (hard - self.weight).detach()
        return nn.functional.linear(x, weight, self.bias)


def binary(x):
    soft = torch.clamp(x, -1, 1)
    return soft + (torch.where(x >= 0, 1.0, -1.0) - soft).detach()


torch.manual_seed(0)
first, second = Binarized(4, 8), Binarized(8, 1)
optimizer = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=0.01)
x = torch.randn(16, 4)
y = (x[:, :1] > 0).float()
for _ in range(6):
    loss = nn.functional.binary_cross_entropy_with_logits(second(binary(first(x))), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
