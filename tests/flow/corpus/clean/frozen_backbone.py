"""A head on a pretrained backbone that runs under no_grad."""

import torch
from torch import nn


class Transfer(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(12, 3)

    def forward(self, images):
        with torch.no_grad():
            features = self.backbone(images)
        return self.head(features)


torch.manual_seed(0)
backbone = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
model = Transfer(backbone)
optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1)
images, labels = torch.randn(9, 1, 6, 6), torch.randint(0, 3, (9,))
for _ in range(5):
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
