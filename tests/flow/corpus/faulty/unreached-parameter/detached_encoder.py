"""Train an autoencoder-style encoder with a classification head."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(32, 8)
y = (x.sum(1) > 0).long()

encoder = nn.Sequential(nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 4))
head = nn.Linear(4, 2)
optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=0.01)
criterion = nn.CrossEntropyLoss()

for epoch in range(6):
    optimizer.zero_grad()
    features = encoder(x).detach()  # expect: unreached-parameter
    loss = criterion(head(features), y)
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch}: {loss.item():.4f}")
