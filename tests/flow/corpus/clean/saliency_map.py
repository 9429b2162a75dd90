"""A trained model, then the slope of its score with respect to an image."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(48, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(3):
    images, labels = torch.rand(6, 1, 6, 6), torch.randint(0, 3, (6,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), labels).backward()
    optimizer.step()

model.eval().requires_grad_(False)
with torch.inference_mode():
    print("classes", model(images).argmax(dim=1).tolist())
image = images[:1].clone().requires_grad_()
score = model(image).max()
score.backward()
saliency = image.grad.abs().amax(dim=1)
print("brightest", saliency.max().item())
