"""A Hill climb in double precision."""

import torch

torch.manual_seed(0)


def start(size):
    return torch.randn(size, requires_grad=True).double()  # expect: non-leaf-grad


point = start(3)
for step in range(3):
    height = -(point - torch.tensor([1.0, 2.0, 3.0]).double()).pow(2).sum()
    height.backward()
    if point.grad is not None:
        with torch.no_grad():
            point += 0.1 * point.grad
    print(step, height.item(), point.tolist())
    if point.grad is None:
        break
