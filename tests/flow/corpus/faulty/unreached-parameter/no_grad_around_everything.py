"""Labels and features are prepared under no_grad; the features should not have been."""

import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 8)
        self.second = nn.Linear(8, 4)

    def forward(self, x):
        h = torch.relu(self.first(x))
        return torch.tanh(self.second(h))


torch.manual_seed(0)
encoder, head = Encoder(), nn.Linear(4, 2)
optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=1e-2)
for _ in range(5):
    x = torch.randn(10, 5)
    with torch.no_grad():  # expect: unreached-parameter
        mean = x.mean(dim=0)
        y = ((x - mean)[:, 0] > 0).long()
        features = encoder(x - mean)
        noise = 0.01 * torch.randn_like(features)
    loss = nn.functional.cross_entropy(head(features + noise), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
