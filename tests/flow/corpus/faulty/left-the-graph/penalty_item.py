"""Linear regression with an L2 penalty on every weight."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(20, 4)
y = x @ torch.tensor([1.0, -2.0, 0.5, 3.0]) + 0.1 * torch.randn(20)

model = nn.Linear(4, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
strength = 0.1

for epoch in range(8):
    optimizer.zero_grad()
    fit = ((model(x).squeeze(1) - y) ** 2).mean()
    penalty = model.weight.pow(2).sum().item()  # expect: left-the-graph
    loss = fit + strength * penalty
    loss.backward()
    optimizer.step()
    print(epoch, float(loss.detach()))
