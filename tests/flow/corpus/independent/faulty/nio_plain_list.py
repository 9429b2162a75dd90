"""Branches live in a plain list, so parameters() does not see them."""
import torch
from torch import nn


class Multi(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.stem = nn.Linear(4, 6)
        self.branches = [nn.Linear(6, 1) for _ in range(n)]

    def forward(self, x):
        h = torch.tanh(self.stem(x))
        return torch.cat([b(h) for b in self.branches], dim=1)


torch.manual_seed(0)
net = Multi(3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(10, 4), torch.randn(10, 3)
for epoch in range(3):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()  # expect: not-in-optimizer
    opt.step()
print(loss.item())
