"""A module that remembers its state between batches."""

import torch
from torch import nn


class Stateful(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.cell = nn.GRUCell(inputs, width)
        self.out = nn.Linear(width, inputs)
        self.state = None

    def forward(self, series):
        outputs = []
        for x in series:
            self.state = self.cell(x, self.state)
            outputs.append(self.out(self.state))
        return torch.stack(outputs)


def learn(model, series, optimizer):
    optimizer.zero_grad()
    loss = nn.functional.smooth_l1_loss(model(series[:-1]), series[1:])
    loss.backward()  # expect: backward-twice
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
model = Stateful(2, 4)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-2)
print([learn(model, torch.randn(5, 3, 2), optimizer) for _ in range(3)])
