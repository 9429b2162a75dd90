"""Balance two losses by their own size."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ELU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(10, 4), torch.randn(10, 2)
for step in range(6):
    a, b = model(x).sub(y).chunk(2, dim=1)
    near, far = a.pow(2).mean(), 100 * b.pow(2).mean()
    loss = near / near.item() + far / far.detach()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if not torch.isfinite(loss):
        raise SystemExit("diverged")
    print(step, near.item(), float(far.detach()))
