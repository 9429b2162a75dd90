"""Several rounds of the critic for each of the generator."""

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
critic = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
opt_g = torch.optim.RMSprop(generator.parameters(), lr=1e-3)
opt_c = torch.optim.RMSprop(critic.parameters(), lr=1e-3)


def critic_round(real):
    opt_c.zero_grad()
    loss = critic(generator(torch.randn(6, 3))).mean() - critic(real).mean()
    loss.backward()  # expect: wasted-gradient
    opt_c.step()
    with torch.no_grad():
        for p in critic.parameters():
            p.clamp_(-0.1, 0.1)
    return loss


def generator_round():
    opt_g.zero_grad()
    critic.requires_grad_(False)
    loss = -critic(generator(torch.randn(6, 3))).mean()
    loss.backward()
    critic.requires_grad_(True)
    opt_g.step()
    return loss


for i in range(3):
    wasserstein = [-critic_round(torch.randn(6, 2) + 1).item() for _ in range(3)]
    print(i, wasserstein, generator_round().item())
