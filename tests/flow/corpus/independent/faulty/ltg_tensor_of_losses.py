"""Per-sample losses are gathered with torch.tensor instead of torch.stack."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(3, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
samples = [(torch.randn(3), torch.randn(1)) for _ in range(6)]


def total(samples):
    losses = []
    for x, y in samples:
        losses.append((model(x) - y).pow(2).sum())
    return torch.tensor(losses, requires_grad=True).mean()  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped


for epoch in range(3):
    loss = total(samples)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, float(loss))
