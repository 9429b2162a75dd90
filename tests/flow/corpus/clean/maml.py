"""Meta-learning: the gradient goes through an inner step."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
weights = nn.ParameterList([nn.Parameter(0.3 * torch.randn(8, 1)), nn.Parameter(torch.zeros(8))])
weights.append(nn.Parameter(0.3 * torch.randn(1, 8)))
meta = torch.optim.Adam(weights.parameters(), lr=1e-2)


def predict(x, w):
    return F.linear(torch.tanh(F.linear(x, w[0], w[1])), w[2])


def task():
    amplitude = 1 + torch.rand(1)
    x = torch.linspace(-1, 1, 10).reshape(-1, 1)
    return x, amplitude * torch.sin(3 * x)


for step in range(4):
    total = 0.0
    for _ in range(2):
        x, y = task()
        inner = F.mse_loss(predict(x[::2], weights), y[::2])
        gradients = torch.autograd.grad(inner, list(weights), create_graph=True)
        fast = [w - 0.1 * g for w, g in zip(weights, gradients)]
        total = total + F.mse_loss(predict(x[1::2], fast), y[1::2])
    meta.zero_grad()
    total.backward()
    meta.step()
    print(step, total.item())
