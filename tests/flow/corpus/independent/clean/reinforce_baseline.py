"""REINFORCE with a learned baseline."""
import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
baseline = nn.Linear(2, 1)
p_opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
b_opt = torch.optim.Adam(baseline.parameters(), lr=1e-2)
history = []
for episode in range(6):
    states = torch.randn(10, 2)
    dist = torch.distributions.Categorical(logits=policy(states))
    actions = dist.sample()
    rewards = (actions == (states[:, 0] > 0).long()).float()
    returns = rewards.flip(0).cumsum(0).flip(0)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    b = baseline(states).squeeze(1)
    b_loss = (b - returns).pow(2).mean()
    p_loss = -(dist.log_prob(actions) * (returns - b.detach())).mean()
    p_opt.zero_grad()
    p_loss.backward()
    p_opt.step()
    b_opt.zero_grad()
    b_loss.backward()
    b_opt.step()
    history.append(rewards.sum().item())
final = p_loss.item()
print(history)
