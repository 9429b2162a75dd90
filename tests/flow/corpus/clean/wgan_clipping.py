"""The first Wasserstein GAN, whose critic's weights are clipped."""

import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 2))
D = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer_G = torch.optim.RMSprop(G.parameters(), lr=5e-5)
optimizer_D = torch.optim.RMSprop(D.parameters(), lr=5e-5)

for i in range(6):
    real = torch.randn(5, 2)
    fake = G(torch.randn(5, 2))
    optimizer_D.zero_grad()
    loss_D = -D(real).mean() + D(fake.detach()).mean()
    loss_D.backward()
    optimizer_D.step()
    for p in D.parameters():
        p.data.clamp_(-0.01, 0.01)

    optimizer_G.zero_grad()
    loss_G = -D(fake).mean()
    loss_G.backward()
    optimizer_G.step()
    print(i, loss_D.item(), loss_G.item())
