"""Look at the best position only."""

import torch
from torch import nn


class HardAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.value = nn.Linear(width, width)

    def forward(self, x):
        scores = self.score(x).squeeze(-1)
        best = scores.argmax(dim=1)  # expect: non-differentiable
        return self.value(x[torch.arange(len(x)), best])


torch.manual_seed(0)
model = nn.Sequential(HardAttention(4), nn.Linear(4, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 6, 4), torch.randint(0, 2, (8,))
for _ in range(5):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
