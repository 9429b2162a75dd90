"""A GAN that computes both losses first."""

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
discriminator = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()

for _ in range(3):
    real = torch.randn(6, 3) + 2
    fake = generator(torch.randn(6, 2))
    real_score, fake_score = discriminator(real), discriminator(fake.detach())
    loss_d = bce(real_score, torch.ones(6, 1)) + bce(fake_score, torch.zeros(6, 1))
    loss_g = bce(discriminator(fake), torch.ones(6, 1))

    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()  # expect: saved-value-modified

    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
