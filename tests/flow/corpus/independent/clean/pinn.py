"""A physics-informed network for u'' = -u with boundary terms."""
import torch
from torch import nn


def grad(out, x):
    return torch.autograd.grad(out, x, torch.ones_like(out), create_graph=True)[0]


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
freq = nn.Parameter(torch.tensor(0.8))
opt = torch.optim.Adam([*net.parameters(), freq], lr=1e-2)
x = torch.linspace(0, 3.0, 20).view(-1, 1).requires_grad_(True)
x0, u0 = torch.zeros(1, 1), torch.ones(1, 1)
xd = torch.tensor([[1.0], [2.0]])
for epoch in range(5):
    u = net(x)
    residual = grad(grad(u, x), x) + freq ** 2 * u
    loss_pde = residual.pow(2).mean()
    loss_bc = (net(x0) - u0).pow(2).mean() + (net(xd) - torch.cos(xd)).pow(2).mean()
    loss = loss_pde + loss_bc
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 2 == 0:
        print(epoch, loss_pde.item(), loss_bc.item(), f"{freq.item():.3f}")
final = loss.item()
