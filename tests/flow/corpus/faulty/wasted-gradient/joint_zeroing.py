"""Pretrain a head, then train everything; gradients are cleared for both together."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(24, 2)

    def forward(self, x):
        return self.head(self.body(x))


def run(model, optimizer, steps):
    for _ in range(steps):
        x = torch.randn(6, 1, 8)
        y = (x.mean(dim=(1, 2)) > 0).long()
        model.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()  # expect: wasted-gradient
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
net = Net()
print("head", run(net, torch.optim.SGD(net.head.parameters(), lr=0.1), 4))
print("all", run(net, torch.optim.SGD(net.parameters(), lr=0.01), 4))
