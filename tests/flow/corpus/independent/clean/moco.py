"""MoCo: a queue of keys from a momentum encoder."""
import copy
import torch
from torch import nn
import torch.nn.functional as F


class MoCo(nn.Module):
    def __init__(self, dim=8, K=32, m=0.99, T=0.2):
        super().__init__()
        self.m, self.T = m, T
        self.q = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, dim))
        self.k = copy.deepcopy(self.q)
        for p in self.k.parameters():
            p.requires_grad = False
        self.register_buffer("queue", F.normalize(torch.randn(dim, K), dim=0))
        self.ptr = 0

    @torch.no_grad()
    def update(self, keys):
        n = keys.shape[0]
        self.queue[:, self.ptr:self.ptr + n] = keys.T
        self.ptr = (self.ptr + n) % self.queue.shape[1]

    def forward(self, xq, xk):
        q = F.normalize(self.q(xq), dim=1)
        with torch.no_grad():
            for a, b in zip(self.q.parameters(), self.k.parameters()):
                b.data = b.data * self.m + a.data * (1 - self.m)
            k = F.normalize(self.k(xk), dim=1)
        pos = torch.einsum("nc,nc->n", q, k).unsqueeze(1)
        neg = q @ self.queue.clone().detach()
        self.update(k)
        return torch.cat([pos, neg], 1) / self.T


torch.manual_seed(0)
model = MoCo()
opt = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.03)
for _ in range(5):
    x = torch.randn(8, 6)
    logits = model(x + 0.1 * torch.randn_like(x), x)
    loss = F.cross_entropy(logits, torch.zeros(8, dtype=torch.long))
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
