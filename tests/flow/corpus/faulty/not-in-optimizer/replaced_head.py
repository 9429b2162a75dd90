"""Fine-tune with a new head, given to the model a line too late."""

import torch
from torch import nn


class Pretrained(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 8), nn.ReLU())
        self.fc = nn.Linear(8, classes)  # expect: unreached-parameter

    def forward(self, x):
        return self.fc(self.body(x))


torch.manual_seed(0)
model = Pretrained()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.fc = nn.Linear(8, 2)
x, y = torch.randn(12, 6), torch.randint(0, 2, (12,))
for epoch in range(5):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()  # expect: not-in-optimizer
    optimizer.step()
    print(epoch, loss.item())
