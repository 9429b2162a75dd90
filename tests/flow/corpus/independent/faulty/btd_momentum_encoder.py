"""MoCo-like: keys are computed with history and then cut by a subclass."""
import copy
import torch
import torch.nn.functional as F
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(16, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 32))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


class KeyEncoder(Encoder):
    def forward(self, x):
        return super().forward(x).detach()  # expect: built-then-dropped


torch.manual_seed(0)
query, key = Encoder(), KeyEncoder()
key.load_state_dict(query.state_dict())
opt = torch.optim.SGD(query.parameters(), lr=0.05)
queue = F.normalize(torch.randn(64, 32), dim=1)
for _ in range(4):
    x = torch.randn(256, 16)
    q, k = query(x + 0.1 * torch.randn_like(x)), key(x)
    logits = torch.cat([(q * k).sum(1, keepdim=True), q @ queue.t()], 1) / 0.2
    loss = F.cross_entropy(logits, torch.zeros(256, dtype=torch.long))
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for a, b in zip(key.parameters(), query.parameters()):
            a.mul_(0.99).add_(b, alpha=0.01)
    queue = torch.cat([k, queue])[:64]
