"""Mean absolute percentage error, computed on arrays."""

import torch
from torch import nn

array = lambda t: t.detach().numpy()  # expect: no-history, left-the-graph


def mape(predicted, actual):
    ratio = abs(array(predicted) - actual.numpy()) / abs(actual.numpy())
    return torch.from_numpy(ratio).mean()


torch.manual_seed(0)
model = nn.Linear(3, 1)
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
x = torch.rand(7, 3)
y = x.sum(1, keepdim=True) + 1
for _ in range(2):
    loss = mape(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
