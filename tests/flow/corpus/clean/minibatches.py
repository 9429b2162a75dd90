"""Shuffled minibatches from arrays."""

import numpy as np
import torch
from torch import nn


class Batches:
    def __init__(self, inputs, labels, size):
        self.inputs, self.labels, self.size = inputs, labels, size

    def __iter__(self):
        order = np.random.permutation(len(self.inputs))
        for start in range(0, len(order), self.size):
            chosen = order[start : start + self.size]
            yield torch.from_numpy(self.inputs[chosen]), torch.tensor(self.labels[chosen])


np.random.seed(0)
torch.manual_seed(0)
inputs = np.random.randn(30, 4).astype(np.float32)
inputs -= inputs.mean(0)
inputs /= inputs.std(0)
labels = (inputs[:, 0] * inputs[:, 1] > 0).astype(np.int64)
model = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(2):
    right = 0
    for x, y in Batches(inputs, labels, 10):
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right += int((logits.argmax(1) == y).sum())
    print(epoch, loss.item(), right / len(inputs))
