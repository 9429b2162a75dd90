"""Train a linear head on the features of a fixed backbone."""

import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(2)

    def forward(self, image):
        return torch.relu(self.pool(self.conv(image))).flatten(1)


def fit(backbone, head, images, labels):
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for _ in range(5):
        features = backbone(images)
        logits = head(features.detach())  # expect: built-then-dropped
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
print(fit(Backbone().eval(), nn.Linear(16, 3), torch.randn(9, 1, 8, 8), torch.randint(0, 3, (9,))))
