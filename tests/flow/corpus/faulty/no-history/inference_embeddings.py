"""Pull the embeddings of pairs together."""

import torch
from torch import nn

torch.manual_seed(0)
tower = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(tower.parameters(), lr=0.1)
pairs = [(torch.randn(6, 5), torch.randn(6, 5)) for _ in range(3)]


def embed(batch):
    with torch.inference_mode():  # expect: no-history
        vectors = tower(batch)
    return vectors


for left, right in pairs:
    distance = (embed(left) - embed(right)).norm(dim=1)
    loss = distance.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
