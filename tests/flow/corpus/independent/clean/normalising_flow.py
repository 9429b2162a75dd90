"""RealNVP couplings trained by maximum likelihood."""
import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, mask):
        super().__init__()
        self.register_buffer("mask", mask)
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4))

    def forward(self, x):
        s, t = self.net(x * self.mask).chunk(2, dim=1)
        s = torch.tanh(s) * (1 - self.mask)
        z = x * self.mask + (1 - self.mask) * (x * s.exp() + t)
        return z, s.sum(1)

    def inverse(self, z):
        s, t = self.net(z * self.mask).chunk(2, dim=1)
        s = torch.tanh(s) * (1 - self.mask)
        return z * self.mask + (1 - self.mask) * (z - t) * (-s).exp()


torch.manual_seed(0)
masks = [torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])] * 2
layers = nn.ModuleList(Coupling(m) for m in masks)
opt = torch.optim.Adam(layers.parameters(), lr=5e-3)
prior = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
for _ in range(5):
    z = torch.randn(32, 2) * torch.tensor([1.0, 0.3]) + 1
    logdet = torch.zeros(32)
    for layer in layers:
        z, ld = layer(z)
        logdet = logdet + ld
    loss = -(prior.log_prob(z) + logdet).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    s = prior.sample((4,))
    for layer in reversed(layers):
        s = layer.inverse(s)
final = loss.item()
print(final, s.mean().item())
