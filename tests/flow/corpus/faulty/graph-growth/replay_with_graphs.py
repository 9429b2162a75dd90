"""An agent that stores what it did, with everything attached."""

from collections import deque

import torch
from torch import nn


class Agent:
    def __init__(self):
        self.policy = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=1e-3)
        self.memory = deque(maxlen=1000)

    def act(self, state):
        log_probs = torch.log_softmax(self.policy(state), dim=-1)
        action = int(log_probs.argmax())
        self.memory.append((state, action, log_probs[action]))  # expect: graph-growth
        return log_probs[action]

    def learn(self, log_prob, reward):
        loss = -log_prob * reward
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


torch.manual_seed(0)
agent = Agent()
for _ in range(12):
    state = torch.randn(3)
    agent.learn(agent.act(state), float(state.sum()))
print(len(agent.memory), sum(p.item() for _, _, p in agent.memory))
