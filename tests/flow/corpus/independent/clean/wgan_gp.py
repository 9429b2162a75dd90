"""WGAN with gradient penalty."""
import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
C = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3)
c_opt = torch.optim.Adam(C.parameters(), lr=1e-3)


def gradient_penalty(real, fake):
    alpha = torch.rand(real.size(0), 1)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = C(mixed)
    grad = torch.autograd.grad(score, mixed, torch.ones_like(score),
                               create_graph=True, retain_graph=True)[0]
    return ((grad.norm(2, dim=1) - 1) ** 2).mean()


for step in range(4):
    for _ in range(2):
        real = torch.randn(8, 2) + 1
        with torch.no_grad():
            fake = G(torch.randn(8, 3))
        c_loss = C(fake).mean() - C(real).mean() + 10 * gradient_penalty(real, fake)
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
    g_loss = -C(G(torch.randn(8, 3))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
final = g_loss.item()
print(c_loss.item(), final)
