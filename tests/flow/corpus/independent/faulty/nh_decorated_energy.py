"""An energy model whose base class computes energies without gradient."""
import torch
from torch import nn


class EnergyBase(nn.Module):
    @torch.no_grad()  # expect: no-history, also: unreached-parameter
    def energy(self, x):  # or: no-history
        return self.net(x).squeeze(-1)  # or: no-history

    def contrast(self, pos, neg):
        return (self.energy(pos) - self.energy(neg)).mean()


class Energy(EnergyBase):
    def __init__(self, dim):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, 16), nn.SiLU(), nn.Linear(16, 1))


torch.manual_seed(0)
model = Energy(3)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(3):
    pos = torch.randn(8, 3) + 1
    neg = torch.randn(8, 3)
    loss = model.contrast(pos, neg)
    opt.zero_grad()
    loss.backward()
    opt.step()
