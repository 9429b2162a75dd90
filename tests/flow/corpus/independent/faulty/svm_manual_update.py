"""Two losses, hand-written SGD: weights updated before the second backward."""
import torch

torch.manual_seed(0)
w1 = torch.randn(3, 4, requires_grad=True)
w2 = torch.randn(4, 1, requires_grad=True)
x = torch.randn(6, 3)


def sgd(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad  # expect: saved-value-modified
            p.grad = None


for _ in range(2):
    h = torch.tanh(x @ w1)
    out = h @ w2
    fit = (out - 1).pow(2).mean()
    sparse = out.abs().mean()
    fit.backward(retain_graph=True)
    sgd([w1, w2], 0.1)
    sparse.backward()
    sgd([w1, w2], 0.01)
