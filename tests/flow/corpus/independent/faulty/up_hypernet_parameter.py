"""A hypernetwork writes its output into a layer as a fresh Parameter."""
import torch
from torch import nn

torch.manual_seed(0)
hyper = nn.Linear(3, 8)
main = nn.Linear(4, 2)
z = torch.randn(3)
opt = torch.optim.Adam([*hyper.parameters(), main.bias], lr=1e-2)
x, y = torch.randn(10, 4), torch.randn(10, 2)


def install(layer, flat):
    layer.weight = nn.Parameter(flat.view(2, 4))  # expect: unreached-parameter, also: built-then-dropped


for _ in range(4):
    install(main, hyper(z))
    loss = nn.functional.mse_loss(main(x), y)
    opt.zero_grad()
    loss.backward()  # also: not-in-optimizer
    opt.step()
