"""A perceptron with somebody else's gradient descent."""

import torch
from helpers_descent import descend

torch.manual_seed(0)
w1 = torch.randn(3, 5, requires_grad=True)
w2 = torch.randn(5, 1, requires_grad=True)
x = torch.randn(12, 3)
y = x.abs().sum(dim=1, keepdim=True)

for step in range(8):
    loss = (torch.relu(x @ w1) @ w2 - y).pow(2).mean()
    loss.backward()
    descend([w1, w2], 1e-3)
    print(step, loss.item())
