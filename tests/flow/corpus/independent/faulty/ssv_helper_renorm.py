"""Embedding rows are renormalised, by a helper, while a graph is pending."""
import torch
from torch import nn
from helper_ssv_helper_renorm import unit_rows

torch.manual_seed(0)
table = nn.Parameter(torch.randn(6, 3) * 3)
opt = torch.optim.SGD([table], lr=0.1)
pairs = torch.tensor([[0, 1], [2, 3], [4, 5]])
for _ in range(3):
    sim = table @ table.t()
    pos = sim[pairs[:, 0], pairs[:, 1]].mean()
    unit_rows(table)
    loss = sim.pow(2).mean() - pos
    opt.zero_grad()
    loss.backward()
    opt.step()
