"""Learned mixing weights are zipped with the heads as Python floats."""
import torch
from torch import nn

torch.manual_seed(0)
heads = nn.ModuleList(nn.Linear(3, 1) for _ in range(3))
mix = nn.Parameter(torch.zeros(3))
opt = torch.optim.Adam([*heads.parameters(), mix], lr=1e-2)
x, y = torch.randn(10, 3), torch.randn(10, 1)


def ensemble(x):
    weights = mix.softmax(0).tolist()  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped
    total = 0
    for w, head in zip(weights, heads):
        total = total + w * head(x)
    return total


for _ in range(4):
    loss = nn.functional.mse_loss(ensemble(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
