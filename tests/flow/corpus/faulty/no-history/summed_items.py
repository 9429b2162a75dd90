"""REINFORCE that adds up the loss of an episode."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Linear(3, 2)
optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)

for episode in range(2):
    total = torch.zeros(1)
    for t in range(5):
        log_probs = torch.log_softmax(policy(torch.randn(3)), dim=0)
        action = torch.multinomial(log_probs.detach().exp(), 1)
        reward = 1.0 if action.item() == t % 2 else -1.0
        total -= log_probs[action].item() * reward  # expect: no-history, left-the-graph
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
