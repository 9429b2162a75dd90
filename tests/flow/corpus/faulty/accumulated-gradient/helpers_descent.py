"""Gradient descent as a function."""

import torch


@torch.no_grad()
def descend(parameters, rate):
    for p in parameters:
        p.sub_(p.grad, alpha=rate)  # expect: accumulated-gradient
