"""Predicted class ids are compared with the labels as numbers."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 5))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(10, 4)
y = torch.randint(0, 5, (10,))


def ordinal_loss(logits, labels):
    probs = logits.softmax(dim=1)
    level = probs.argmax(dim=1)  # expect: non-differentiable, also: no-history, also: unreached-parameter, also: built-then-dropped
    return (level.float() - labels.float()).abs().mean()


for epoch in range(2):
    loss = ordinal_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
