"""Stateful LSTM forecaster: carries the state across windows with detach_()."""
import numpy as np
import torch
from torch import nn


class Forecaster(nn.Module):
    def __init__(self, hidden=12):
        super().__init__()
        self.cell1 = nn.LSTMCell(1, hidden)
        self.cell2 = nn.LSTMCell(hidden, hidden)
        self.linear = nn.Linear(hidden, 1)
        self.hidden = hidden

    def init_state(self, n):
        return [torch.zeros(n, self.hidden) for _ in range(4)]

    def forward(self, x, state, future=0):
        h1, c1, h2, c2 = state
        outs = []
        for t in range(x.size(1)):
            h1, c1 = self.cell1(x[:, t:t + 1], (h1, c1))
            h2, c2 = self.cell2(h1, (h2, c2))
            outs.append(self.linear(h2))
        for _ in range(future):
            h1, c1 = self.cell1(outs[-1], (h1, c1))
            h2, c2 = self.cell2(h1, (h2, c2))
            outs.append(self.linear(h2))
        return torch.cat(outs, 1), [h1, c1, h2, c2]


def main():
    np.random.seed(0)
    torch.manual_seed(0)
    t = np.arange(49)[None] + np.random.randint(-10, 10, 4)[:, None]
    data = torch.from_numpy(np.sin(t / 3.0)).float()
    model = Forecaster()
    opt = torch.optim.RMSprop(model.parameters(), lr=5e-3)
    crit = nn.MSELoss()
    for epoch in range(2):
        state = model.init_state(4)
        losses = []
        for s in range(0, 48, 12):
            opt.zero_grad()
            out, state = model(data[:, s:s + 12], state)
            loss = crit(out, data[:, s + 1:s + 13])
            loss.backward()
            opt.step()
            for h in state:
                h.detach_()
            losses.append(loss.item())
        with torch.no_grad():
            pred, _ = model(data[:, :24], model.init_state(4), future=6)
        print(epoch, np.mean(losses), pred[:, -6:].numpy().mean())


if __name__ == "__main__":
    main()
