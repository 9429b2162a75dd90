"""Filter a signal by a learned filter, classify its spectrum."""

import torch
from helpers_spectrum import power
from torch import nn


class Spectral(nn.Module):
    def __init__(self):
        super().__init__()
        self.filter = nn.Conv1d(1, 1, 3, padding=1)
        self.classify = nn.Linear(5, 2)

    def forward(self, signal):
        filtered = self.filter(signal.unsqueeze(1)).squeeze(1)
        return self.classify(torch.log1p(power(filtered)))


torch.manual_seed(0)
model = Spectral()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)
signals, labels = torch.randn(6, 8), torch.randint(0, 2, (6,))
for _ in range(4):
    loss = nn.functional.cross_entropy(model(signals), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
