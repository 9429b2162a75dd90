"""Regression that prints the median prediction of every epoch."""

import torch
from torch import nn


def middle(predictions):
    values = predictions.detach().numpy().reshape(-1)
    values.sort()  # expect: alias-write
    return float(values[len(values) // 2])


torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(11, 3)
y = x @ torch.tensor([[2.0], [-1.0], [0.5]])

for epoch in range(8):
    predictions = model(x)
    print("median", round(middle(predictions), 4))
    loss = nn.functional.mse_loss(predictions, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("loss", loss.item())
