"""Two losses on one network, each with its own step."""

import torch
from torch import nn


def update(optimizer, loss, retain=False):
    optimizer.zero_grad()
    loss.backward(retain_graph=retain)
    optimizer.step()  # expect: saved-value-modified


torch.manual_seed(0)
network = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
policy_optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
value_optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
states, returns = torch.randn(6, 3), torch.randn(6)
out = network(states)
policy_loss = -(torch.log_softmax(out, dim=1)[:, 0] * returns).mean()
value_loss = (out[:, 1] - returns).pow(2).mean()
update(policy_optimizer, policy_loss, retain=True)
update(value_optimizer, value_loss)
