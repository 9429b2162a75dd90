"""A linear classifier on features from elsewhere."""

import torch
from helpers_features import extract
from torch import nn

torch.manual_seed(0)
classifier = nn.Linear(4 * 46 * 46, 2)
optimizer = torch.optim.SGD(classifier.parameters(), lr=0.01, momentum=0.9)
for step in range(3):
    images = torch.rand(128, 1, 50, 50)
    labels = (images.mean(dim=(1, 2, 3)) > 0.5).long()
    loss = nn.functional.cross_entropy(classifier(extract(images)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
