"""A cosine classifier on top of a convolution."""

import torch
from helpers_blocks import cosine_logits
from torch import nn


class Cosine(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AvgPool2d(4), nn.Flatten())
        self.prototypes = nn.Parameter(torch.randn(3, 4))
        self.scale = nn.Parameter(torch.tensor(5.0))

    def forward(self, x):
        return cosine_logits(self.features(x), self.prototypes, self.scale)


torch.manual_seed(0)
model = Cosine()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
images, labels = torch.rand(9, 1, 6, 6), torch.randint(0, 3, (9,))
for _ in range(4):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
print(loss.item())
