"""Semi-supervised learning with confident pseudo-labels."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 10), nn.ReLU(), nn.Linear(10, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)


def unlabelled_loss(x):
    with torch.no_grad():
        confidence, labels = torch.softmax(model(x), dim=1).max(dim=1)
        mask = (confidence > 0.4).float()
    losses = F.cross_entropy(model(x + 0.2 * torch.randn_like(x)), labels, reduction="none")
    return (losses * mask).mean()


for step in range(5):
    x, y = torch.randn(6, 4), torch.randint(0, 3, (6,))
    loss = F.cross_entropy(model(x), y) + 0.5 * unlabelled_loss(torch.randn(12, 4))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
