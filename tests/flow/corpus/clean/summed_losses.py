"""Unroll a cell over time, add the losses up, and go back once."""

import torch
from torch import nn

torch.manual_seed(0)
cell, readout = nn.GRUCell(2, 6), nn.Linear(6, 2)
optimizer = torch.optim.Adam([*cell.parameters(), *readout.parameters()], lr=1e-2)
series = torch.randn(9, 4, 2)

for epoch in range(3):
    h = torch.zeros(4, 6)
    total, outputs = 0, []
    for now, then in zip(series[:-1], series[1:]):
        h = cell(now, h)
        prediction = readout(h)
        outputs.append(prediction)
        total = total + (prediction - then).pow(2).mean()
    smooth = (torch.stack(outputs)[1:] - torch.stack(outputs)[:-1]).pow(2).mean()
    loss = total / len(outputs) + 0.1 * smooth
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
