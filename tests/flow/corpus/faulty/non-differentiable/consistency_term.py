"""A hierarchical classifier with a loss for inconsistent levels."""

import torch
from torch import nn

torch.manual_seed(0)
trunk, coarse, fine = nn.Linear(5, 8), nn.Linear(8, 2), nn.Linear(8, 4)
optimizer = torch.optim.Adam([p for m in (trunk, coarse, fine) for p in m.parameters()], lr=1e-2)
parent = torch.tensor([0, 0, 1, 1])


def dependency(coarse_logits, fine_logits):
    mismatch = coarse_logits.argmax(1) != parent[fine_logits.argmax(1)]  # expect: non-differentiable
    return mismatch.float().mean()


x, leaf = torch.randn(12, 5), torch.randint(0, 4, (12,))
for _ in range(5):
    h = torch.relu(trunk(x))
    a, b = coarse(h), fine(h)
    loss = nn.functional.cross_entropy(a, parent[leaf]) + nn.functional.cross_entropy(b, leaf)
    loss = loss + 0.5 * dependency(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
