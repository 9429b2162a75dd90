"""An LSTM carries its state from batch to batch with its graph; the step in between writes the weights."""

import torch
from torch import nn

torch.manual_seed(0)
rnn = nn.LSTM(3, 5, batch_first=True)
head = nn.Linear(5, 1)
optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()])
state = None
for _ in range(4):
    x, y = torch.randn(2, 4, 3), torch.randn(2, 4, 1)
    out, state = rnn(x, state)
    loss = (head(out) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()  # expect: saved-value-modified
