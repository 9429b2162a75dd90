"""Two layers by hand, updated under no_grad."""

import torch

torch.manual_seed(0)
x, y = torch.randn(16, 5), torch.randn(16, 2)
w1 = torch.randn(5, 8, requires_grad=True)
w2 = torch.randn(8, 2, requires_grad=True)
rate = 1e-3

for t in range(8):
    prediction = x.mm(w1).clamp(min=0).mm(w2)
    loss = (prediction - y).pow(2).sum()
    if t % 4 == 3:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        w1 -= rate * w1.grad
        w2 -= rate * w2.grad
        w1.grad.zero_()
        w2.grad.zero_()
