"""Losses for sequences of different lengths."""

import torch


def sequence_loss(predictions, targets):
    errors = []
    for p, t in zip(predictions, targets):
        errors.append(((p - t) ** 2).mean().item())  # expect: no-history, left-the-graph
    return torch.tensor(errors).mean()
