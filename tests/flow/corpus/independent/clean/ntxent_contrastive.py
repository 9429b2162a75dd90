"""SimCLR's NT-Xent loss."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 16))
projector = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.Adam([*encoder.parameters(), *projector.parameters()], lr=1e-3)


def nt_xent(z, T=0.5):
    n = len(z) // 2
    sim = F.normalize(z, dim=1) @ F.normalize(z, dim=1).t() / T
    sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    targets = (torch.arange(2 * n) + n) % (2 * n)
    return F.cross_entropy(sim, targets)


def augment(x):
    return x * (torch.rand_like(x) > 0.1) + 0.05 * torch.randn_like(x)


for step in range(5):
    x = torch.randn(10, 8)
    z = projector(encoder(torch.cat([augment(x), augment(x)])))
    loss = nt_xent(z)
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
