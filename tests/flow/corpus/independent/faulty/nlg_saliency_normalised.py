"""Saliency of an image that was normalised after requires_grad_."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3))
model.requires_grad_(False)


def saliency(image):
    image.requires_grad_()
    image = (image - 0.5) / 0.25  # expect: non-leaf-grad
    score = model(image).max(1).values.sum()
    score.backward()
    return image.grad.abs().amax(1)


picture = torch.rand(1, 1, 6, 6)
heat = saliency(picture)
print(heat.shape)
