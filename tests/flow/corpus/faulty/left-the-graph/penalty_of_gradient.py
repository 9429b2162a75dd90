"""WGAN-GP: the critic alone, against fixed fakes."""

import torch
from torch import autograd, nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)


def gradient_penalty(real, fake):
    mix = torch.rand(len(real), 1)
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)
    scores = critic(between)
    (g,) = autograd.grad(scores.sum(), between, create_graph=True)
    return ((g.norm(dim=1) - 1) ** 2).mean().item()  # expect: left-the-graph


for i in range(4):
    real, fake = torch.randn(6, 2) + 1, torch.randn(6, 2)
    loss = critic(fake).mean() - critic(real).mean() + 10 * gradient_penalty(real, fake)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(i, loss.item())
