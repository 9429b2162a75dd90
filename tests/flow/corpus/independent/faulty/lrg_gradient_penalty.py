"""A gradient penalty turns requires_grad on after the critic has run."""
import torch
from torch import nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(critic.parameters(), lr=1e-3)


def penalty(real, fake):
    eps = torch.rand(len(real), 1)
    mixed = eps * real + (1 - eps) * fake
    score = critic(mixed)
    mixed.requires_grad_(True)  # expect: late-requires-grad
    (g,) = torch.autograd.grad(score.sum(), mixed, create_graph=True)
    return (g.norm(dim=1) - 1).pow(2).mean()


for _ in range(2):
    real, fake = torch.randn(8, 2) + 1, torch.randn(8, 2)
    loss = critic(fake).mean() - critic(real).mean() + 10 * penalty(real, fake)
    opt.zero_grad()
    loss.backward()
    opt.step()
