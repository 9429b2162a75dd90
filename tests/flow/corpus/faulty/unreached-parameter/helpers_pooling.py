"""Pooling over sets."""

import torch


@torch.no_grad()  # expect: unreached-parameter
def attentive_pool(values, scores):
    scores = scores - scores.amax(dim=1, keepdim=True)
    weights = scores.exp()
    weights = weights / weights.sum(dim=1, keepdim=True)
    return (weights.unsqueeze(-1) * values).sum(dim=1)


def mean_pool(values):
    return values.mean(dim=1)
