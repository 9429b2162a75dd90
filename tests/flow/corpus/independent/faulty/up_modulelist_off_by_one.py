"""An off-by-one: the last layer of the list never runs."""
import torch
from torch import nn


class Stack(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        self.depth = depth
        self.layers = nn.ModuleList([nn.Linear(dim, dim) for _ in range(depth)])  # expect: unreached-parameter
        self.out = nn.Linear(dim, 1)

    def forward(self, x):
        for i in range(self.depth - 1):
            x = x + torch.tanh(self.layers[i](x))
        return self.out(x)


torch.manual_seed(0)
model = Stack(4, 4)
opt = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(10, 4), torch.randn(10, 1)
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    opt.step()
