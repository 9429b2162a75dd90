"""Weight normalisation by hand, wrapped in a Parameter at each call."""
import torch
import torch.nn.functional as F
from torch import nn


class WNLinear(nn.Module):
    def __init__(self, nin, nout):
        super().__init__()
        self.v = nn.Parameter(torch.randn(nout, nin))
        self.g = nn.Parameter(torch.ones(nout, 1))
        self.bias = nn.Parameter(torch.zeros(nout))

    def forward(self, x):
        w = nn.Parameter(self.g * self.v / self.v.norm(dim=1, keepdim=True))  # expect: unreached-parameter, also: built-then-dropped
        return F.linear(x, w, self.bias)


torch.manual_seed(0)
layer = WNLinear(4, 2)
opt = torch.optim.SGD(layer.parameters(), lr=0.1)
x, y = torch.randn(12, 4), torch.randn(12, 2)
for epoch in range(3):
    opt.zero_grad()
    loss = F.mse_loss(layer(x), y)
    loss.backward()
    opt.step()
    print(f"{epoch}: {loss.item():.4f}")
