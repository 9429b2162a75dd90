"""Training with an average meter."""

import torch
from helpers_meter import AverageMeter
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv1d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
meter = AverageMeter("loss")
for _ in range(10):
    x, y = torch.randn(5, 1, 8), torch.randint(0, 2, (5,))
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    meter.update(loss, len(x))
print(meter.name, float(meter.average.detach()))
