"""Metrics go through a meter kept in another file."""
import torch
from torch import nn
from helper_gg_metric_helper import Meter

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
meter = Meter()
for step in range(12):
    x, y = torch.randn(9, 5), torch.randint(0, 3, (9,))
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        acc = (logits.argmax(1) == y).float().mean()
    meter.update(loss=loss, acc=acc)
print(meter.summary())
