"""Outputs are collected in a dict and cut in place by a 'memory saver'."""
import torch
from torch import nn

torch.manual_seed(0)
heads = nn.ModuleDict({"a": nn.Linear(4, 1), "b": nn.Linear(4, 1)})
opt = torch.optim.SGD(heads.parameters(), lr=0.1)
x = torch.randn(7, 4)
targets = {"a": torch.randn(7, 1), "b": torch.randn(7, 1)}


def release(outputs):
    for value in outputs.values():
        value.detach_()  # expect: no-history, also: unreached-parameter, also: built-then-dropped


for _ in range(2):
    outputs = {k: head(x) for k, head in heads.items()}
    release(outputs)
    loss = sum(((outputs[k] - targets[k]) ** 2).mean() for k in outputs)
    opt.zero_grad()
    loss.backward()
    opt.step()
