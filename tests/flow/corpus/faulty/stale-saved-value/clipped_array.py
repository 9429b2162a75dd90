"""Fit rates with an exponential link and show them as an image."""

import numpy as np
import torch


def as_image(rates):
    array = rates.detach().numpy()
    np.minimum(array, 1.0, out=array)  # expect: stale-saved-value
    return (array * 255).astype(np.uint8)


torch.manual_seed(0)
weights = torch.randn(3, requires_grad=True)
inputs = torch.randn(6, 3)
counts = torch.tensor([1.0, 0.0, 2.0, 1.0, 3.0, 0.0])

for step in range(4):
    log_rates = inputs @ weights
    rates = log_rates.exp()
    loss = (rates - counts * log_rates).sum()
    image = as_image(rates)
    loss.backward()
    with torch.no_grad():
        weights -= 0.01 * weights.grad
        weights.grad.zero_()
    print(step, loss.item(), int(image.max()))
print(weights)
