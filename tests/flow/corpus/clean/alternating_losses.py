"""Two independent models in one loop; each clears and steps its own parameters."""

import torch
from torch import nn


class Task:
    def __init__(self, width):
        self.model = nn.Sequential(nn.Linear(3, width), nn.ReLU(), nn.Linear(width, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-2)
        self.scheduler = torch.optim.lr_scheduler.StepLR(self.optimizer, 2)
        self.best = None

    def __call__(self, x, y):
        def closure():
            self.optimizer.zero_grad()
            loss = nn.functional.mse_loss(self.model(x), y)
            loss.backward()
            return loss

        loss = self.optimizer.step(closure)
        self.scheduler.step()
        if self.best is None or loss < self.best:
            self.best = loss.detach()
        return loss.item()


torch.manual_seed(0)
small, large = Task(2), Task(8)
for i in range(5):
    x = torch.randn(6, 3)
    print(i, small(x, x[:, :1]), large(x, x.sum(1, keepdim=True)))
print(small.best.item(), large.best.item())
