"""Policy gradient with a learned baseline."""

import torch
from torch import nn


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.policy = nn.Linear(8, 2)
        self.value = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.tanh(self.body(x))
        return torch.log_softmax(self.policy(h), dim=-1), self.value(h).squeeze(-1)


torch.manual_seed(0)
agent = Agent()
optimizer = torch.optim.Adam(agent.parameters(), lr=1e-2)
for _ in range(5):
    states = torch.randn(10, 4)
    log_probs, values = agent(states)
    with torch.no_grad():
        actions = torch.multinomial(log_probs.exp(), 1)
    returns = states[:, 0] * (2.0 * actions.squeeze(1) - 1)
    advantage = returns - values.detach()
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    policy_loss = -(log_probs.gather(1, actions).squeeze(1) * advantage).mean()
    value_loss = nn.functional.mse_loss(values, returns)
    entropy = -(log_probs.exp() * log_probs).sum(1).mean()
    loss = policy_loss + 0.5 * value_loss - 0.01 * entropy
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print({"policy": policy_loss.item(), "value": value_loss.item(), "entropy": entropy.item()})
