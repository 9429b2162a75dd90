"""A detach of something computed under no_grad."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4))
target = copy.deepcopy(online)
opt = torch.optim.Adam(online.parameters(), lr=1e-2)


@torch.no_grad()
def goal(x):
    z = target(x)
    return z.detach()  # expect-note: redundant-detach


for _ in range(3):
    x = torch.randn(8, 4)
    loss = (online(x) - goal(x + 0.1)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
