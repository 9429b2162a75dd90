"""Parameters set through .data, no_grad and NumPy before the training."""

import numpy as np
import torch
from torch import nn


def initialise(module):
    if isinstance(module, nn.Linear):
        weight = module.weight.data
        weight.normal_(0, 0.1)
        weight.div_(weight.norm(dim=1, keepdim=True))
        module.bias.data.fill_(0.1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 4)
        self.gain = nn.Parameter(torch.empty(4))
        self.apply(initialise)
        with torch.no_grad():
            self.gain.copy_(torch.linspace(0.5, 1.5, 4))
            self.second.weight[0] = 0.0
        self.second.bias.data = torch.from_numpy(np.zeros(4, dtype=np.float32))

    def forward(self, x):
        return self.gain * self.second(torch.tanh(self.first(x)))


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.randn(8, 3), torch.randn(8, 4)
for _ in range(5):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        net.gain.clamp_(0.1, 2.0)
print(loss.item(), net.gain.tolist())
