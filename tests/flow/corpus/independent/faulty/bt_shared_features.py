"""Features are computed once, outside the loop, with their graph."""
import torch
from torch import nn

torch.manual_seed(0)
enc, head = nn.Linear(4, 8), nn.Linear(8, 1)
opt = torch.optim.SGD(head.parameters(), lr=0.1)
x, y = torch.randn(10, 4), torch.randn(10, 1)
feats = torch.tanh(enc(x))
for epoch in range(3):
    loss = (head(feats) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()  # expect: backward-twice, also: not-in-optimizer
    opt.step()
