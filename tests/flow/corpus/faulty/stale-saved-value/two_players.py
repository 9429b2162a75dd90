"""Two players with manual updates in the wrong order."""

import torch

torch.manual_seed(0)
a = torch.randn(3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
rate = 0.1


def move(p):
    p.data -= rate * p.grad  # expect: stale-saved-value
    p.grad = None


for turn in range(5):
    loss_a = (a * b).sum() + (a**2).sum()
    loss_b = -(a * b).sum() + (b**2).sum()
    (a.grad,) = torch.autograd.grad(loss_a, [a])
    move(a)
    (b.grad,) = torch.autograd.grad(loss_b, [b])
    move(b)
    print(turn, loss_a.item(), loss_b.item())
print(a.tolist(), b.tolist())
