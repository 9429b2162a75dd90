"""An LSTM carries its state across windows with no detach."""
import torch
from torch import nn

torch.manual_seed(0)
lstm = nn.LSTM(2, 6, batch_first=True)
out = nn.Linear(6, 2)
opt = torch.optim.SGD([*lstm.parameters(), *out.parameters()], lr=0.05)
series = torch.randn(3, 20, 2)


def windows(series, size):
    for i in range(0, series.shape[1] - size, size):
        yield series[:, i:i + size], series[:, i + 1:i + size + 1]


state = None
for x, y in windows(series, 5):
    h, state = lstm(x, state)
    loss = nn.functional.mse_loss(out(h), y)
    opt.zero_grad()
    loss.backward()  # expect: backward-twice
    opt.step()
