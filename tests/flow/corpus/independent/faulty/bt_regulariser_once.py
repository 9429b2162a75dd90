"""The penalty on the weights is computed before the loop and reused."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
l2 = sum(p.pow(2).sum() for p in model.parameters())
x, y = torch.randn(12, 4), torch.randint(0, 2, (12,))


def objective(logits, y, weight=1e-3):
    return nn.functional.cross_entropy(logits, y) + weight * l2


def train(epochs):
    for _ in range(epochs):
        loss = objective(model(x), y)
        opt.zero_grad()
        loss.backward()  # expect: backward-twice
        opt.step()


train(3)
