"""Contrastive learning; the diagonal is left out of a statistic."""

import numpy as np
import torch
from torch import nn

off_diagonal = lambda s: np.fill_diagonal(s.detach().numpy(), 0.0)  # expect: alias-write

torch.manual_seed(0)
tower = nn.Linear(5, 4)
optimizer = torch.optim.Adam(tower.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(6, 5)
    one, two = tower(x), tower(x + 0.1 * torch.randn_like(x))
    similarity = one @ two.t()
    off_diagonal(similarity)
    loss = nn.functional.cross_entropy(similarity, torch.arange(6))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
