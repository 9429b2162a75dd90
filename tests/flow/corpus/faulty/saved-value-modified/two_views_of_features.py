"""Compare features with a noisy copy of them."""

import torch
from helpers_augment import jitter
from torch import nn


def main():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(4, 6), nn.Sigmoid())
    project = nn.Linear(6, 3)
    optimizer = torch.optim.Adam([*encoder.parameters(), *project.parameters()])
    for _ in range(2):
        features = encoder(torch.randn(8, 4))
        noisy = jitter(features)
        loss = (project(features) - project(noisy)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


main()
