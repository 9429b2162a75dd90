"""Losses for sequences of different lengths."""

import torch


def sequence_loss(predictions, targets):
    errors = [
        ((p - t) ** 2).mean().item() for p, t in zip(predictions, targets)
    ]  # expect: no-history, left-the-graph
    return torch.tensor(errors).mean()
