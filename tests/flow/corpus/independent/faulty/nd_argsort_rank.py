"""A rank-correlation loss ranks the predictions by argsort."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(5, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(12, 5)
relevance = torch.randn(12)


def ranks(v):
    order = v.argsort()  # expect: non-differentiable, also: no-history, also: unreached-parameter, also: built-then-dropped
    r = torch.empty_like(v)
    r[order] = torch.arange(len(v), dtype=v.dtype)
    return r


for _ in range(2):
    pred = model(x).squeeze(1)
    loss = (ranks(pred) - ranks(relevance)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
