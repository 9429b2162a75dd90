"""Losses of a curriculum are summed as numbers, then wrapped for backward."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 2)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
tasks = [(torch.randn(6, 4), torch.randint(0, 2, (6,)), w) for w in (1.0, 0.5)]


def task_losses():
    for x, y, weight in tasks:
        yield weight * nn.functional.cross_entropy(model(x), y)


for epoch in range(3):
    total = 0.0
    for part in task_losses():
        total += part.item()  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped
    loss = torch.tensor(total, requires_grad=True)  # or: left-the-graph
    opt.zero_grad()
    loss.backward()
    opt.step()
