"""Train a linear head on the features of a fixed backbone."""

import torch
from torch import nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3, padding=1)
        self.pool = nn.AvgPool2d(16)

    def forward(self, image):
        return self.pool(torch.relu(self.conv(image))).flatten(1)


def fit(backbone, head, images, labels):
    optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
    for _ in range(3):
        features = backbone(images)
        logits = head(features.detach())  # expect: built-then-dropped
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
print(fit(Backbone().eval(), nn.Linear(128, 3), torch.randn(128, 1, 32, 32), torch.randint(0, 3, (128,))))
