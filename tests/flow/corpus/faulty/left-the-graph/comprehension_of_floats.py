"""Weigh three experts by scalars that are learned."""

import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(width, 1) for _ in range(3)])
        self.trust = nn.ParameterList([nn.Parameter(torch.tensor(1.0)) for _ in range(3)])

    def forward(self, x):
        trust = torch.tensor([t.item() for t in self.trust])  # expect: left-the-graph
        outputs = torch.cat([expert(x) for expert in self.experts], dim=1)
        return outputs @ (trust / trust.sum())


torch.manual_seed(0)
model = Experts(4)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(10, 4)
y = x[:, 0]
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.l1_loss(model(x), y)
    loss.backward()
    optimizer.step()
print(loss.item(), [t.item() for t in model.trust])
