"""A residual block keeps `skip = x` and then adds to x in place."""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.lin = nn.Linear(dim, dim)
        self.skip_err = None

    def forward(self, x0):
        x = x0 + 0
        skip = x
        x += self.lin(x0)  # expect: alias-write
        self.skip_err = float((skip - x).detach().abs().max())  # also: built-then-dropped
        return torch.cat([x, skip], dim=1)


torch.manual_seed(0)
model = Block(4)
head = nn.Linear(8, 1)
opt = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.05)
x, y = torch.randn(10, 4), torch.randn(10, 1)
for _ in range(3):
    loss = nn.functional.mse_loss(head(model(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
