"""Gradient descent that rebinds the weight to a new, non-leaf tensor."""
import torch

torch.manual_seed(0)
x = torch.randn(30, 3)
y = x @ torch.tensor([1.0, -2.0, 0.5])
w = torch.zeros(3, requires_grad=True)
lr = 0.1
for epoch in range(10):
    pred = x @ w
    loss = (pred - y).pow(2).mean()
    loss.backward()
    w = w - lr * w.grad  # expect: non-leaf-grad
print("w", w.tolist())
