"""Grad-CAM: weigh the channels by the gradient that reaches them."""

import torch
from torch import nn


class CAM(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.out = nn.Linear(4, 2)

    def forward(self, image):
        self.maps = torch.relu(self.conv(image))  # expect: non-leaf-grad
        return self.out(self.maps.mean(dim=(2, 3)))


torch.manual_seed(0)
model = CAM()
image = torch.rand(1, 1, 5, 5)
score = model(image)[0, 1]
score.backward()
weights = model.maps.grad
if weights is None:
    weights = torch.ones_like(model.maps)
cam = (weights.mean(dim=(2, 3), keepdim=True) * model.maps).sum(dim=1)
print(cam.shape, cam.max().item())
