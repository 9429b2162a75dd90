"""A deep linear network without modules."""

import torch

torch.manual_seed(0)
sizes = [4, 6, 6, 1]
shapes = list(zip(sizes, sizes[1:]))
weights = [torch.randn(a, b, requires_grad=True) / a**0.5 for a, b in shapes]  # expect: non-leaf-grad
x, y = torch.randn(10, 4), torch.randn(10, 1)


def predict(x):
    for w in weights:
        x = torch.tanh(x @ w)
    return x


loss = (predict(x) - y).pow(2).mean()
loss.backward()
with torch.no_grad():
    for w in weights:
        w -= 0.1 * w.grad
