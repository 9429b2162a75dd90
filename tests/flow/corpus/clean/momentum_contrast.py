"""Contrastive learning with a momentum encoder and a queue of keys."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
query_encoder = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
key_encoder = copy.deepcopy(query_encoder)
for p in key_encoder.parameters():
    p.requires_grad = False
queue = nn.functional.normalize(torch.randn(4, 32), dim=0)
optimizer = torch.optim.SGD(query_encoder.parameters(), lr=0.1)

for step in range(5):
    x = torch.randn(8, 6)
    q = nn.functional.normalize(query_encoder(x + 0.1 * torch.randn_like(x)), dim=1)
    with torch.no_grad():
        for mine, theirs in zip(key_encoder.parameters(), query_encoder.parameters()):
            mine.mul_(0.9).add_(theirs, alpha=0.1)
        k = nn.functional.normalize(key_encoder(x + 0.1 * torch.randn_like(x)), dim=1)
    positive = (q * k).sum(1, keepdim=True)
    negative = q @ queue.clone().detach()
    logits = torch.cat([positive, negative], dim=1) / 0.2
    loss = nn.functional.cross_entropy(logits, torch.zeros(8, dtype=torch.long))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    start = step * 8 % 32
    queue[:, start : start + 8] = k.t()
    print(step, loss.item())
