"""Keep the first sample, try another value in a copy."""

import torch

torch.manual_seed(0)
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)

trial = x.detach()
trial[0] = 10.0  # expect: alias-write
print("trial:", trial)

y = (x**2).sum()
y.backward()
print("value:", y.item(), "gradient:", x.grad)
