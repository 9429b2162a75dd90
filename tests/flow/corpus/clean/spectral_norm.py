"""A spectrally normalised layer: the singular vectors are buffers, iterated under no_grad."""

import torch
from torch import nn
from torch.nn import functional as F


class Spectral(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.register_buffer("u", F.normalize(torch.randn(outputs), dim=0))

    def forward(self, x):
        weight = self.linear.weight
        with torch.no_grad():
            v = F.normalize(weight.t() @ self.u, dim=0)
            u = F.normalize(weight @ v, dim=0)
            self.u = u
        sigma = u @ (weight @ v)
        return F.linear(x, weight / sigma, self.linear.bias)


torch.manual_seed(0)
model = nn.Sequential(Spectral(3, 8), nn.LeakyReLU(0.1), Spectral(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(4):
    x = torch.randn(10, 3)
    loss = F.softplus(-model(x) * x[:, :1].sign()).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
