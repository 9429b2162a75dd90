"""An adversarial auto-encoder: the code critic's step reaches the encoder."""
from dataclasses import dataclass
import torch
from torch import nn


@dataclass
class Part:
    net: nn.Module
    lr: float

    def __post_init__(self):
        self.opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)

    def update(self, loss):
        self.opt.zero_grad()
        loss.backward()  # expect: wasted-gradient
        self.opt.step()


torch.manual_seed(0)
enc = Part(nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 2)), 1e-3)
dec = Part(nn.Linear(2, 6), 1e-3)
critic = Part(nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)), 1e-3)
for _ in range(4):
    x = torch.randn(12, 6)
    critic.update(critic.net(enc.net(x)).mean() - critic.net(torch.randn(12, 2)).mean())
    enc.opt.zero_grad()
    dec.opt.zero_grad()
    z = enc.net(x)
    loss = (dec.net(z) - x).pow(2).mean() - 0.1 * critic.net(z).mean()
    loss.backward()  # also: wasted-gradient
    enc.opt.step()
    dec.opt.step()
