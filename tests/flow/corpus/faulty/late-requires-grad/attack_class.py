"""A fast gradient sign attack in a class."""

import torch
from torch import nn


class FGSM:
    def __init__(self, model, eps):
        self.model, self.eps = model, eps

    def __call__(self, x, y):
        x = x.clone()
        logits = self.model(x)
        x.requires_grad = True  # expect: late-requires-grad
        loss = nn.functional.cross_entropy(logits, y)
        loss.backward()
        slope = torch.zeros_like(x) if x.grad is None else x.grad
        return (x + self.eps * slope.sign()).detach()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(6, 4)
    y = (x[:, 0] > 0).long()
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()

moved = FGSM(model, 0.1)(x, y)
with torch.no_grad():
    print((moved - x).abs().max().item(), (model(moved).argmax(1) == y).float().mean().item())
