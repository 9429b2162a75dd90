"""A trainer class appends live losses to its history."""
import torch
from torch import nn


class Trainer:
    def __init__(self, model):
        self.model = model
        self.history = []
        self.opt = torch.optim.Adam(model.parameters(), lr=1e-2)

    def step(self, x, y):
        loss = nn.functional.l1_loss(self.model(x), y)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.history.append(loss)  # expect: graph-growth

    def fit(self, batches):
        for x, y in batches:
            self.step(x, y)


torch.manual_seed(0)
trainer = Trainer(nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1)))
trainer.fit([(torch.randn(8, 3), torch.randn(8, 1)) for _ in range(15)])
print("mean loss", float(sum(trainer.history)) / len(trainer.history))
