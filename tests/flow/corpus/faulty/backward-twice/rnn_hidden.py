"""A recurrent network over a long series, chunk by chunk."""

import torch
from torch import nn

torch.manual_seed(0)
series = torch.sin(torch.linspace(0, 12, 61)).reshape(1, -1, 1)
rnn = nn.RNN(1, 6, batch_first=True)
readout = nn.Linear(6, 1)
optimizer = torch.optim.Adam([*rnn.parameters(), *readout.parameters()], lr=0.01)

hidden = torch.zeros(1, 1, 6)
for start in range(0, 60, 10):
    chunk = series[:, start : start + 10]
    target = series[:, start + 1 : start + 11]
    output, hidden = rnn(chunk, hidden)
    loss = nn.functional.mse_loss(readout(output), target)
    optimizer.zero_grad()
    loss.backward()  # expect: backward-twice
    optimizer.step()
