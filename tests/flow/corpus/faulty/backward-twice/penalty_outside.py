"""The penalty does not depend on the data, so compute it once."""

import torch

torch.manual_seed(0)
w = torch.randn(4, requires_grad=True)
x, y = torch.randn(12, 4), torch.randn(12)
penalty = (w**2).sum()

for epoch in range(3):
    fit = ((x @ w - y) ** 2).mean()
    loss = fit + 0.1 * penalty
    loss.backward()  # expect: backward-twice
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
