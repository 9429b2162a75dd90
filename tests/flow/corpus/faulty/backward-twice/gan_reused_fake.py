"""A DCGAN on vectors without the detach."""

import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(0)
netG = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(True), nn.Linear(16, 6), nn.Tanh())
netD = nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1), nn.Sigmoid())
criterion = nn.BCELoss()
optimizerD = optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizerG = optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))

for i in range(3):
    netD.zero_grad()
    real = torch.rand(8, 6)
    label = torch.full((8,), 1.0)
    errD_real = criterion(netD(real).view(-1), label)
    errD_real.backward()
    fake = netG(torch.randn(8, 4))
    label = torch.full((8,), 0.0)
    errD_fake = criterion(netD(fake).view(-1), label)
    errD_fake.backward()  # expect: wasted-gradient
    optimizerD.step()

    netG.zero_grad()
    label = torch.full((8,), 1.0)
    errG = criterion(netD(fake).view(-1), label)
    errG.backward()  # expect: backward-twice
    optimizerG.step()
