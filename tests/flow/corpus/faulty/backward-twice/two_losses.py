"""One trunk with two heads and a backward for each."""

import torch
from torch import nn


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
        self.size = nn.Linear(8, 1)
        self.kind = nn.Linear(8, 3)

    def forward(self, x):
        shared = self.trunk(x)
        return self.size(shared), self.kind(shared)


torch.manual_seed(0)
model = TwoHeads()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, sizes, kinds = torch.randn(6, 4), torch.randn(6, 1), torch.randint(0, 3, (6,))
for _ in range(3):
    size, kind = model(x)
    optimizer.zero_grad()
    nn.functional.mse_loss(size, sizes).backward()
    nn.functional.cross_entropy(kind, kinds).backward()  # expect: backward-twice
    optimizer.step()
