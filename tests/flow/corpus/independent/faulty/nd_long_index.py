"""A network predicts a position, which is cast to an index."""
import torch
from torch import nn


class Lookup(nn.Module):
    def __init__(self, dim, slots):
        super().__init__()
        self.slots = slots
        self.where = nn.Linear(dim, 1)
        self.table = nn.Embedding(slots, 2)

    def address(self, x):
        pos = torch.sigmoid(self.where(x)).squeeze(-1) * (self.slots - 1)
        return pos.long()  # expect: non-differentiable, also: unreached-parameter, also: built-then-dropped

    def forward(self, x):
        return self.table(self.address(x))


torch.manual_seed(0)
net = Lookup(3, 6)
opt = torch.optim.SGD(net.parameters(), lr=0.2)
x, y = torch.randn(14, 3), torch.randn(14, 2)
for _ in range(3):
    loss = (net(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
