"""Gradients seen and changed through hooks."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
activations, norms = {}, []


def keep(name):
    def hook(module, inputs, output):
        activations[name] = output.detach()

    return hook


for name, layer in model.named_children():
    layer.register_forward_hook(keep(name))
for p in model.parameters():
    p.register_hook(lambda g: torch.clamp(g, -0.5, 0.5))
model[0].weight.register_hook(lambda g: norms.append(g.norm().item()))
model[2].register_full_backward_hook(lambda module, grad_input, grad_output: None)

x, y = torch.randn(8, 4), torch.randn(8, 1)
for _ in range(4):
    optimizer.zero_grad()
    output = model(x)
    output.register_hook(lambda g: g * 2)
    loss = nn.functional.mse_loss(output, y)
    loss.backward()
    optimizer.step()
dead = (activations["1"] == 0).float().mean().item()
print(norms, dead, sorted(activations))
