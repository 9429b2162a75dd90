"""Turn noise into points on a ring."""

import math

import torch
from torch import nn

torch.manual_seed(0)


class GAN:
    def __init__(self):
        self.g = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
        self.d = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
        self.g_optimizer = torch.optim.Adam(self.g.parameters(), lr=1e-3)
        self.d_optimizer = torch.optim.Adam(self.d.parameters(), lr=1e-3)
        self.loss = nn.BCEWithLogitsLoss()

    def step(self, real):
        fake = self.g(torch.randn(len(real), 2))
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
        self.d_optimizer.zero_grad()
        d_loss = self.loss(self.d(real), ones) + self.loss(self.d(fake.detach()), zeros)
        d_loss.backward()
        self.d_optimizer.step()

        self.g_optimizer.zero_grad()
        g_loss = self.loss(self.d(fake.detach()), ones)  # expect: unreached-parameter
        g_loss.backward()
        self.g_optimizer.step()
        return d_loss.item(), g_loss.item()


gan = GAN()
for _ in range(4):
    angle = 2 * math.pi * torch.rand(8)
    print(gan.step(torch.stack([angle.cos(), angle.sin()], dim=1)))
