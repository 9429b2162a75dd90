"""Three tasks, one backward, a dictionary of detached losses."""

from collections import defaultdict

import torch
from torch import nn

torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(5, 8), nn.ReLU())
heads = nn.ModuleDict({"a": nn.Linear(8, 1), "b": nn.Linear(8, 1), "c": nn.Linear(8, 1)})
optimizer = torch.optim.SGD([*trunk.parameters(), *heads.parameters()], lr=0.05)
weights = {"a": 1.0, "b": 0.5, "c": 0.25}
meter = defaultdict(list)

for _ in range(6):
    x, y = torch.randn(8, 5), torch.randn(8, 1)
    shared = trunk(x)
    losses = {name: nn.functional.mse_loss(head(shared), y) for name, head in heads.items()}
    total = sum(weights[name] * loss for name, loss in losses.items())
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    for name, loss in losses.items():
        meter[name].append(loss.detach())
print({name: torch.stack(values).mean().item() for name, values in meter.items()})
