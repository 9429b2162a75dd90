"""Optimisers with and without weight decay."""

import torch


def decayed_only(model, lr):
    chosen = [p for name, p in model.named_parameters() if name.endswith("weight")]
    return torch.optim.AdamW(chosen, lr=lr, weight_decay=0.01)
