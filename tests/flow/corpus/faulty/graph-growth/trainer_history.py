"""A trainer that remembers its losses for a plot."""

import torch
from torch import nn


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        self.history = []

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.history.append(loss)  # expect: graph-growth
        return loss.item()

    def fit(self, batches):
        for x, y in batches:
            self.step(x, y)


torch.manual_seed(0)
trainer = Trainer(nn.Linear(6, 3))
trainer.fit([(torch.randn(4, 6), torch.randint(0, 3, (4,))) for _ in range(12)])
print("first", trainer.history[0].item(), "last", trainer.history[-1].item())
