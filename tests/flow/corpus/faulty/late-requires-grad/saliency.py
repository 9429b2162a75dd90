"""Which pixels matter for a class?"""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4))
model.requires_grad_(False)
image = torch.rand(1, 1, 6, 6)

scores = model(image)
best = scores.max()
image.requires_grad_(True)  # expect: late-requires-grad
best.backward()
saliency = image.grad.abs().squeeze()
print(saliency)
