"""Weight decay by hand, between the forward and the backward."""

import torch

torch.manual_seed(0)
layers = [torch.randn(4, 6, requires_grad=True), torch.randn(6, 1, requires_grad=True)]
x, y = torch.randn(9, 4), torch.randn(9, 1)


def forward(x):
    for w in layers[:-1]:
        x = torch.relu(x @ w)
    return x @ layers[-1]


for _ in range(3):
    loss = (forward(x) - y).pow(2).mean()
    with torch.no_grad():
        for w in layers:
            w *= 0.99  # expect: saved-value-modified
    loss.backward()
    with torch.no_grad():
        for w in layers:
            w -= 0.01 * w.grad
            w.grad = None
