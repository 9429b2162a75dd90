"""Noise for features."""

import torch


def jitter(features, scale=0.1):
    alias = features.detach()
    alias += scale * torch.randn_like(alias)  # expect: saved-value-modified
    return alias


def shuffled(features):
    return features[torch.randperm(len(features))]
