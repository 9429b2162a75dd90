"""A recurrent cell that decays its state in place."""

import torch
from torch import nn

torch.manual_seed(0)
inward, across, readout = nn.Linear(2, 5), nn.Linear(5, 5), nn.Linear(5, 1)
parameters = [p for layer in (inward, across, readout) for p in layer.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.1)


def run(series):
    h = torch.zeros(series.shape[1], 5)
    outputs = []
    for x in series:
        h = torch.tanh(inward(x) + across(h))
        outputs.append(readout(h))
        h.mul_(0.9)  # expect: saved-value-modified
    return torch.stack(outputs)


series = torch.randn(4, 3, 2)
loss = (run(series) - series.sum(dim=2, keepdim=True)).pow(2).mean()
optimizer.zero_grad()
loss.backward()
optimizer.step()
