import torch
import torch.nn as nn


class Generator(nn.Module):
    def __init__(self, nz=4, hidden=16, out=2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(nz, hidden), nn.ReLU(), nn.Linear(hidden, out))
        self.nz = nz

    def forward(self, z):
        return self.net(z)

    def sample(self, n):
        return self(torch.randn(n, self.nz))


class Critic(nn.Module):
    def __init__(self, dim=2, hidden=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)
