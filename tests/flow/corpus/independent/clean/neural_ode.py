"""A neural ODE integrated with explicit Euler; states kept in a list."""
import torch
from torch import nn


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, t, y):
        return self.net(y ** 3)


def odeint(f, y, ts):
    path = [y]
    for t0, t1 in zip(ts[:-1], ts[1:]):
        y = y + (t1 - t0) * f(t0, y)
        path.append(y)
    return torch.stack(path)


torch.manual_seed(0)
ts = torch.linspace(0, 1, 10)
A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
with torch.no_grad():
    truth = odeint(lambda t, y: y @ A.t(), torch.tensor([[2.0, 0.0]]), ts)
f = Field()
opt = torch.optim.RMSprop(f.parameters(), lr=1e-3)
for it in range(5):
    opt.zero_grad()
    pred = odeint(f, truth[0], ts)
    loss = (pred - truth).abs().mean()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
