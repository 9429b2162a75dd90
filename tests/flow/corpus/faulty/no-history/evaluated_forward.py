"""Fit a small regression with a train function."""

import torch
from torch import nn


def train(model, batches, optimizer):
    criterion = nn.MSELoss()
    for inputs, targets in batches:
        optimizer.zero_grad()
        with torch.no_grad():  # expect: no-history
            outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
data = [(torch.randn(4, 3), torch.randn(4, 1)) for _ in range(3)]
train(net, data, torch.optim.SGD(net.parameters(), lr=0.05))
