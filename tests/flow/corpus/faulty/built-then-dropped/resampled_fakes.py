"""A GAN that makes new fakes for each of its two steps."""

import torch
from torch import nn


def generator_step(g, d, optimizer):
    d.requires_grad_(False)
    loss = nn.functional.softplus(-d(g(torch.randn(2048, 2)))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    d.requires_grad_(True)
    return loss.item()


def discriminator_step(g, d, optimizer, real):
    fake = g(torch.randn(2048, 2)).detach()  # expect: built-then-dropped
    loss = nn.functional.softplus(d(fake)).mean() + nn.functional.softplus(-d(real)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
g = nn.Sequential(nn.Linear(2, 2048), nn.ReLU(), nn.Linear(2048, 3))
d = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 1))
g_optimizer = torch.optim.Adam(g.parameters(), lr=1e-3)
d_optimizer = torch.optim.Adam(d.parameters(), lr=1e-3)
for _ in range(4):
    print(discriminator_step(g, d, d_optimizer, torch.randn(2048, 3)), generator_step(g, d, g_optimizer))
