"""A config string carries a learned coefficient."""
import torch
from torch import nn


class Blend(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 1)
        self.b = nn.Linear(3, 1)
        self.alpha = nn.Parameter(torch.tensor(0.3))

    def config(self):
        return f"blend:{torch.sigmoid(self.alpha):.6f}"  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped

    def forward(self, x):
        kind, _, value = self.config().partition(":")
        if kind != "blend":
            return self.a(x)
        c = float(value)
        return c * self.a(x) + (1 - c) * self.b(x)


torch.manual_seed(0)
model = Blend()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(9, 3), torch.randn(9, 1)
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
