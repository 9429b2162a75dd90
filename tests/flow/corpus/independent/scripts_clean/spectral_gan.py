"""SNGAN with hinge loss, parametrizations and separate D/G functions; R1 every other step."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.nn.utils import parametrizations, parametrize


class PositiveScale(nn.Module):
    def forward(self, w):
        return F.softplus(w)


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.g = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x * self.g


def build():
    scale = Scale()
    parametrize.register_parametrization(scale, "g", PositiveScale())
    D = nn.Sequential(parametrizations.spectral_norm(nn.Linear(2, 16)), nn.LeakyReLU(0.1),
                      parametrizations.spectral_norm(nn.Linear(16, 1)), scale)
    G = nn.Sequential(parametrizations.weight_norm(nn.Linear(4, 16)), nn.ReLU(), nn.Linear(16, 2))
    return G, D


def d_step(G, D, opt, real, r1):
    G.eval()
    with torch.no_grad():
        fake = G(torch.randn(len(real), 4))
    if r1:
        real = real.detach().requires_grad_()
    out = D(real)
    loss = F.relu(1 - out).mean() + F.relu(1 + D(fake)).mean()
    if r1:
        (g,) = torch.autograd.grad(out.sum(), real, create_graph=True)
        loss = loss + 0.5 * g.pow(2).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


def g_step(G, D, opt, n):
    G.train()
    D.requires_grad_(False)
    loss = -D(G(torch.randn(n, 4))).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    D.requires_grad_(True)
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    G, D = build()
    opt_d = torch.optim.Adam(D.parameters(), 2e-3, betas=(0.0, 0.9))
    opt_g = torch.optim.Adam(G.parameters(), 1e-3, betas=(0.0, 0.9))
    for it in range(6):
        d = d_step(G, D, opt_d, torch.randn(16, 2) + 2, it % 2 == 0)
        print(it, d, g_step(G, D, opt_g, 16))
