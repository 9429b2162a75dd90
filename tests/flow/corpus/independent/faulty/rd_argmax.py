"""Pseudo-labels: argmax has no history to cut."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
labelled = (torch.randn(8, 5), torch.randint(0, 3, (8,)))
unlabelled = torch.randn(16, 5)


def pseudo_loss(logits):
    labels = logits.argmax(dim=1)
    return nn.functional.cross_entropy(logits, labels.detach())  # expect-note: redundant-detach


for epoch in range(3):
    x, y = labelled
    loss = nn.functional.cross_entropy(model(x), y) + 0.1 * pseudo_loss(model(unlabelled))
    opt.zero_grad()
    loss.backward()
    opt.step()
