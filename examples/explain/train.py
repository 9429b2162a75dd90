"""A PyTorch program with two mistakes, for `upriver explain`: the encoder never learns."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.head = nn.Linear(32, 3)

    def features(self, x):
        return self.encoder(x).detach()

    def forward(self, x):
        return self.head(self.features(x))


torch.manual_seed(0)
model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(32, 16), torch.randint(0, 3, (32,))
total = 0.0
for epoch in range(20):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    total += loss
print(f"mean loss {total / 20:.3f}")
