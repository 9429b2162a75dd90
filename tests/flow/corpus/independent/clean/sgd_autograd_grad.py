"""Linear regression with autograd.grad, leaves rebuilt at each step."""
import torch

torch.manual_seed(0)
X = torch.randn(50, 3)
true = torch.tensor([1.0, -1.0, 2.0])
y = X @ true + 0.5
params = (torch.zeros(3, requires_grad=True), torch.zeros((), requires_grad=True))


def loss_fn(w, b):
    return (X @ w + b - y).square().mean()


for step in range(20):
    loss = loss_fn(*params)
    grads = torch.autograd.grad(loss, params)
    params = tuple((p - 0.1 * g).detach().requires_grad_() for p, g in zip(params, grads))
w, b = params
final = loss.item()
print(w.tolist(), b.item(), final)
