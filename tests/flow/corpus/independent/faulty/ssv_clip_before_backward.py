"""A WGAN critic is clipped through .data before its backward."""
import torch
from torch import nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.RMSprop(critic.parameters(), lr=5e-3)


def clip_(module, c):
    for p in module.parameters():
        p.data.clamp_(-c, c)  # expect: stale-saved-value


for step in range(3):
    real, fake = torch.randn(8, 2) + 2, torch.randn(8, 2)
    loss = critic(fake).mean() - critic(real).mean()
    clip_(critic, 0.05)
    opt.zero_grad()
    loss.backward()
    opt.step()
