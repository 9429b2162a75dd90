"""The largest curvature of a loss, by power iteration on Hessian-vector products."""

import torch
from torch import nn
from torch.autograd import grad


def product(loss, parameters, vectors):
    gradients = grad(loss, parameters, create_graph=True)
    inner = sum((g * v).sum() for g, v in zip(gradients, vectors))
    return grad(inner, parameters)


def normalised(vectors):
    length = torch.sqrt(sum(v.pow(2).sum() for v in vectors))
    return [v / length for v in vectors], length


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
parameters = list(model.parameters())
x, y = torch.randn(12, 3), torch.randn(12, 1)
vectors, _ = normalised([torch.randn_like(p) for p in parameters])
for _ in range(6):
    loss = nn.functional.mse_loss(model(x), y)
    vectors, curvature = normalised(product(loss, parameters, vectors))
print("largest eigenvalue", curvature.item())
