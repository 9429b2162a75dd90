"""Sensitivity of a network to its inputs."""

import torch
from helpers_inputs import uniform
from torch import nn


def sensitivity(model, x):
    model(x).sum().backward()
    return 0.0 if x.grad is None else x.grad.abs().mean().item()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1)).requires_grad_(False)
print([sensitivity(model, uniform(4, 3)) for _ in range(2)])
