"""Learn how to mix four models."""

import torch
from torch import nn


class Mixture(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(count))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, predictions):
        weights = nn.Parameter(torch.softmax(self.logits, dim=0))  # expect: unreached-parameter
        return predictions @ weights + self.bias


torch.manual_seed(0)
mixture = Mixture(4)
optimizer = torch.optim.SGD(mixture.parameters(), lr=0.5)
truth = torch.randn(12)
predictions = truth[:, None] + torch.randn(12, 4) * torch.tensor([0.1, 0.5, 1.0, 2.0])
for step in range(5):
    loss = nn.functional.mse_loss(mixture(predictions), truth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
