"""A detector that returns its outputs by name."""

import torch
from torch import nn


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 8)
        self.heads = nn.ModuleDict({"box": nn.Linear(8, 4), "score": nn.Linear(8, 1)})

    def forward(self, x):
        h = torch.relu(self.body(x))
        outputs = {name: head(h) for name, head in self.heads.items()}
        return {name: value.detach() for name, value in outputs.items()}  # expect: no-history


def loss_of(outputs, targets):
    return sum(nn.functional.smooth_l1_loss(outputs[k], targets[k]) for k in targets)


torch.manual_seed(0)
model = Detector()
optimizer = torch.optim.AdamW(model.parameters())
targets = {"box": torch.rand(5, 4), "score": torch.ones(5, 1)}
for _ in range(2):
    optimizer.zero_grad()
    loss_of(model(torch.randn(5, 6)), targets).backward()
    optimizer.step()
