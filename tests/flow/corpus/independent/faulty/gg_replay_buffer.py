"""A rollout buffer that is never cleared holds log-probs with history."""
from collections import deque
import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
buffer = deque(maxlen=1000)
for episode in range(12):
    state = torch.randn(5, 4)
    dist = torch.distributions.Categorical(logits=policy(state))
    action = dist.sample()
    logp = dist.log_prob(action)
    reward = (action == 0).float()
    buffer.append({"state": state, "action": action, "logp": logp, "reward": reward})  # expect: graph-growth
    loss = -(logp * (reward - 0.5)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(len(buffer), "entries, mean logp", sum(b["logp"].mean().item() for b in buffer) / len(buffer))
