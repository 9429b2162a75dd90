"""Pad the outputs of an encoder, then pool them."""

import torch
from torch import nn


def pad(vectors, length):
    rows = vectors.tolist()  # expect: left-the-graph
    rows += [[0.0] * len(rows[0])] * (length - len(rows))
    return torch.tensor(rows)


torch.manual_seed(0)
encoder = nn.Linear(3, 4)
scorer = nn.Linear(4, 1)
optimizer = torch.optim.SGD([*encoder.parameters(), *scorer.parameters()], lr=0.1)
sentences = [torch.randn(n, 3) for n in (2, 5, 3)]
scores = torch.tensor([1.0, 0.0, -1.0])
for _ in range(5):
    batch = torch.stack([pad(torch.relu(encoder(s)), 5) for s in sentences])
    loss = (scorer(batch.sum(dim=1)).squeeze(1) - scores).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
