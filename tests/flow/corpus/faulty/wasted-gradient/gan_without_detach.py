"""A GAN on vectors."""

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
discriminator = nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(6, 1), torch.zeros(6, 1)

for _ in range(4):
    real = torch.randn(6, 3) + 2
    opt_d.zero_grad()
    fake = generator(torch.randn(6, 2))
    loss_d = bce(discriminator(real), ones) + bce(discriminator(fake), zeros)
    loss_d.backward()  # expect: wasted-gradient
    opt_d.step()

    opt_g.zero_grad()
    fake = generator(torch.randn(6, 2))
    loss_g = bce(discriminator(fake), ones)
    loss_g.backward()  # expect-note: wasted-gradient
    opt_g.step()
print(loss_d.item(), loss_g.item())
