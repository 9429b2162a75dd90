"""Draw samples from an energy model by following its gradient with noise."""

import torch
from torch import nn

torch.manual_seed(0)
energy = nn.Sequential(nn.Linear(2, 16), nn.SiLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(energy.parameters(), lr=1e-3)


def sample(count, steps=4, rate=0.1):
    energy.requires_grad_(False)
    x = torch.randn(count, 2).requires_grad_(True)
    for _ in range(steps):
        energy(x).sum().backward()
        with torch.no_grad():
            x.sub_(rate * x.grad).add_(0.05 * torch.randn_like(x))
        x.grad = None
    energy.requires_grad_(True)
    return x.detach()


for step in range(3):
    real = torch.randn(8, 2) * 0.3 + 1
    fake = sample(8)
    positive, negative = energy(real).mean(), energy(fake).mean()
    loss = positive - negative + 0.1 * (positive**2 + negative**2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
