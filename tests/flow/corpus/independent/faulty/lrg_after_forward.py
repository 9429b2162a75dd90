"""Sensitivity to the input, switched on after the forward pass."""
import torch

torch.manual_seed(0)
w = torch.randn(4, 1, requires_grad=True)
x = torch.randn(6, 4)
out = torch.tanh(x @ w).sum()
x.requires_grad_()  # expect: late-requires-grad
out.backward()
sensitivity = x.grad
if sensitivity is None:
    print("no sensitivities")
else:
    print(sensitivity.abs().mean(0))
print("w.grad", w.grad.norm().item())
