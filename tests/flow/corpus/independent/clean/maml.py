"""MAML on sinusoids: one differentiable inner step with functional_call."""
import torch
from torch import nn
from torch.func import functional_call


def task():
    amp, phase = torch.rand(1) * 4 + 0.1, torch.rand(1) * 3.14

    def draw(n):
        x = torch.rand(n, 1) * 10 - 5
        return x, amp * torch.sin(x + phase)

    return draw


def adapt(model, x, y, lr):
    params = dict(model.named_parameters())
    loss = nn.functional.mse_loss(functional_call(model, params, (x,)), y)
    grads = torch.autograd.grad(loss, tuple(params.values()), create_graph=True)
    return {k: p - lr * g for (k, p), g in zip(params.items(), grads)}


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))
meta = torch.optim.Adam(model.parameters(), lr=1e-3)
for it in range(4):
    meta.zero_grad()
    total = 0.0
    for _ in range(3):
        draw = task()
        fast = adapt(model, *draw(8), lr=0.01)
        x, y = draw(8)
        outer = nn.functional.mse_loss(functional_call(model, fast, (x,)), y)
        (outer / 3).backward()
        total += outer.item() / 3
    meta.step()
final = total
print(final)
