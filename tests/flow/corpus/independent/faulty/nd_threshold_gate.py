"""A hard gate made by a comparison."""
import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.score = nn.Linear(dim, 1)
        self.value = nn.Linear(dim, 1)

    def forward(self, x):
        gate = (self.score(x) > 0).float()  # expect: non-differentiable, also: unreached-parameter, also: built-then-dropped
        return gate * self.value(x) + (1 - gate) * x.mean(1, keepdim=True)


torch.manual_seed(0)
model = Gated(4)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(16, 4)
y = x.clamp(min=0).sum(1, keepdim=True)
for epoch in range(4):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
