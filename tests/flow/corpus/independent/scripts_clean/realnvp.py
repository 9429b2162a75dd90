"""RealNVP on two moons-like data with torch.distributions base."""
import torch
from torch import nn
from torch.distributions import Independent, Normal


class Coupling(nn.Module):
    def __init__(self, mask, hidden=16):
        super().__init__()
        self.register_buffer("mask", mask)
        self.s = nn.Sequential(nn.Linear(2, hidden), nn.LeakyReLU(), nn.Linear(hidden, 2), nn.Tanh())
        self.t = nn.Sequential(nn.Linear(2, hidden), nn.LeakyReLU(), nn.Linear(hidden, 2))

    def forward(self, x):
        xm = x * self.mask
        s, t = self.s(xm) * (1 - self.mask), self.t(xm) * (1 - self.mask)
        return xm + (1 - self.mask) * (x * torch.exp(s) + t), s.sum(1)

    def inverse(self, z):
        zm = z * self.mask
        s, t = self.s(zm) * (1 - self.mask), self.t(zm) * (1 - self.mask)
        return zm + (1 - self.mask) * ((z - t) * torch.exp(-s))


class RealNVP(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.layers = nn.ModuleList(
            Coupling(torch.tensor([0.0, 1.0]) if i % 2 else torch.tensor([1.0, 0.0])) for i in range(n))
        self.register_buffer("loc", torch.zeros(2))
        self.register_buffer("scale", torch.ones(2))

    @property
    def prior(self):
        return Independent(Normal(self.loc, self.scale), 1)

    def log_prob(self, x):
        log_det = x.new_zeros(x.size(0))
        for layer in self.layers:
            x, ld = layer(x)
            log_det += ld
        return self.prior.log_prob(x) + log_det

    @torch.no_grad()
    def sample(self, n):
        z = self.prior.sample((n,))
        for layer in reversed(self.layers):
            z = layer.inverse(z)
        return z


def moons(n):
    t = torch.rand(n) * 3.14159
    up = torch.randint(0, 2, (n,)).float()
    x = torch.stack([torch.cos(t) + up, torch.sin(t) * (1 - 2 * up) + 0.5 * up], 1)
    return x + 0.05 * torch.randn(n, 2)


if __name__ == "__main__":
    torch.manual_seed(0)
    flow = RealNVP()
    opt = torch.optim.Adam([p for p in flow.parameters() if p.requires_grad], lr=1e-3)
    hist = []
    for t in range(8):
        loss = -flow.log_prob(moons(32)).mean()
        opt.zero_grad()
        loss.backward(retain_graph=True)
        opt.step()
        hist.append(loss.item())
    print(hist[0], hist[-1], flow.sample(5).shape)
