"""Factors are cast after requires_grad, then updated by their .grad."""
import torch

torch.manual_seed(0)


def factor(rows, rank):
    f = torch.rand(rows, rank, requires_grad=True)
    return f.double()  # expect: non-leaf-grad


ratings = torch.rand(6, 5, dtype=torch.float64)
factors = {"u": factor(6, 2), "v": factor(5, 2)}
for step in range(5):
    pred = factors["u"] @ factors["v"].T
    loss = (pred - ratings).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for f in factors.values():
            f -= 0.1 * f.grad
            f.grad.zero_()
