"""Outputs are written into a tensor that was made before the loop."""

import torch
from torch import nn


class Unrolled(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.cell = nn.LSTMCell(inputs, width)
        self.out = nn.Linear(width, inputs)

    def forward(self, series):
        steps, batch, inputs = series.shape
        h = series.new_zeros(batch, self.cell.hidden_size)
        c = torch.zeros_like(h)
        outputs = torch.zeros(steps, batch, inputs)
        for t in range(steps):
            h, c = self.cell(series[t], (h, c))
            outputs[t] = self.out(h)
        return outputs


torch.manual_seed(0)
model = Unrolled(2, 5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
series = torch.randn(7, 3, 2).cumsum(dim=0)
for _ in range(4):
    loss = nn.functional.smooth_l1_loss(model(series[:-1]), series[1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
