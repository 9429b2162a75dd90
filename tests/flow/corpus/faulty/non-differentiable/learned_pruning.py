"""Prune channels by an importance that is learned beside the weights."""

import torch
from torch import nn


class Pruned(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.importance = nn.Parameter(torch.rand(outputs))

    def mask(self):
        return torch.ge(self.importance, 0.3).to(torch.float32)  # expect: non-differentiable

    def forward(self, x):
        return torch.relu(self.conv(x)) * self.mask().view(1, -1, 1, 1)


def fit(model, images, labels, steps=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
net = nn.Sequential(Pruned(1, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
print(fit(net, torch.rand(6, 1, 5, 5), torch.randint(0, 3, (6,))))
