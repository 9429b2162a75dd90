"""BYOL: an online network predicts a slow target."""
import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8))
predictor = nn.Linear(8, 8)
target = copy.deepcopy(online)
for p in target.parameters():
    p.requires_grad = False
opt = torch.optim.Adam(list(online.parameters()) + list(predictor.parameters()), lr=1e-3)


def regression(p, z):
    return 2 - 2 * F.cosine_similarity(p, z, dim=-1).mean()


@torch.no_grad()
def momentum_update(tau=0.99):
    for p, q in zip(online.parameters(), target.parameters()):
        q.mul_(tau).add_(p, alpha=1 - tau)


for step in range(5):
    x = torch.randn(12, 6)
    a, b = x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x)
    with torch.no_grad():
        ta, tb = target(a), target(b)
    loss = regression(predictor(online(a)), tb) + regression(predictor(online(b)), ta)
    opt.zero_grad()
    loss.backward()
    opt.step()
    momentum_update()
final = loss.item()
print(final)
