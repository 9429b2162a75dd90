"""Look at the gradients of hidden layers."""

import torch
from torch import nn

torch.manual_seed(0)
layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
x = torch.randn(5, 4, requires_grad=True)

hidden, h = [], x
for layer in layers:
    h = torch.tanh(layer(h))
    h.retain_grad()
    hidden.append(h)
loss = h.pow(2).sum()
loss.backward()
print("input", x.grad.norm().item())
print("hidden", [h.grad.norm().item() for h in hidden])
print("weights", [layer.weight.grad.norm().item() for layer in layers])
