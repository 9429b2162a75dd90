"""Gradients are zeroed once an epoch and stepped once a batch."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)


def batches(n):
    for _ in range(n):
        x = torch.randn(8, 4)
        yield x, x.sum(1, keepdim=True)


def epoch(n):
    opt.zero_grad()
    last = None
    for x, y in batches(n):
        last = nn.functional.mse_loss(model(x), y)
        last.backward()
        opt.step()  # expect: accumulated-gradient
    return last.item()


for _ in range(3):
    print(epoch(4))
