"""Drop some units of a sigmoid layer by hand."""

import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(4, 6)
output = nn.Linear(6, 1)
optimizer = torch.optim.SGD([*layer.parameters(), *output.parameters()], lr=0.1)
x, y = torch.randn(8, 4), torch.randn(8, 1)

for _ in range(5):
    hidden = torch.sigmoid(layer(x))
    keep = (torch.rand(6) > 0.3).float()
    hidden.data.mul_(keep)  # expect: stale-saved-value
    loss = (output(hidden) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item(), layer.weight.sum().item())
