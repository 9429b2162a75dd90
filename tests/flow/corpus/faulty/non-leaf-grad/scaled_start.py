"""Logistic regression by hand, started near zero."""

import torch

torch.manual_seed(0)
x = torch.randn(20, 3)
y = (x[:, 0] > 0).float()

w = 0.01 * torch.randn(3, requires_grad=True)  # expect: non-leaf-grad
b = torch.zeros(1, requires_grad=True)

logits = x @ w + b
loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, y)
loss.backward()
print("gradient of b:", b.grad)
print("gradient of w:", w.grad)
