"""Training directly on the accuracy of a logistic classifier."""
import torch
from torch import nn

torch.manual_seed(0)
w = torch.randn(3, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
opt = torch.optim.Adam([w, b], lr=0.1)
x = torch.randn(30, 3)
labels = x[:, 0] > 0.2


def error_rate(prob, labels):
    predicted = prob >= 0.5  # expect: non-differentiable, also: no-history, also: unreached-parameter, also: built-then-dropped
    wrong = predicted ^ labels
    return wrong.double().mean()


for _ in range(3):
    prob = torch.sigmoid(x @ w + b)
    loss = error_rate(prob, labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
