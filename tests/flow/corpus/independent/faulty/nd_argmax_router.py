"""A mixture of experts routes by argmax, with no gate value on the output."""
import torch
from torch import nn


class Routed(nn.Module):
    def __init__(self, dim, experts):
        super().__init__()
        self.router = nn.Linear(dim, experts)
        self.embed = nn.Embedding(experts, dim)

    def forward(self, x):
        choice = torch.argmax(self.router(x), dim=-1)  # expect: non-differentiable, also: unreached-parameter, also: built-then-dropped
        return x * self.embed(choice)


torch.manual_seed(0)
model = Routed(4, 3)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(12, 4), torch.randn(12, 4)
for _ in range(3):
    loss = (model(x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
