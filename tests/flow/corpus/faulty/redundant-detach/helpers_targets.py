"""Targets for Q-learning."""

import torch


@torch.no_grad()
def bellman(network, reward, following, discount=0.9):
    return reward + discount * network(following).max(dim=1).values


constant = lambda t: t.detach()  # expect-note: redundant-detach
