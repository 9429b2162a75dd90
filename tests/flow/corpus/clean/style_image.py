"""Change an image until its features look like another's."""

import torch
from torch import nn

torch.manual_seed(0)
features = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 3)).requires_grad_(False).eval()


def gram(x):
    flat = x.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


style = gram(features(torch.rand(1, 1, 8, 8)))
image = torch.rand(1, 1, 8, 8).requires_grad_(True)
optimizer = torch.optim.Adam([image], lr=0.05)
for step in range(6):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(gram(features(image)), style)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        image.clamp_(0, 1)
    print(step, loss.item())
picture = (image.detach().squeeze().numpy() * 255).astype("uint8")
print(picture.max())
