"""Synchronous A2C over a short rollout."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
actor, critic = nn.Linear(3, 2), nn.Linear(3, 1)
opt = torch.optim.RMSprop([*actor.parameters(), *critic.parameters()], lr=1e-2)
state = torch.randn(4, 3)
for update in range(4):
    logps, values, rewards, entropies = [], [], [], []
    for _ in range(5):
        dist = torch.distributions.Categorical(logits=actor(state))
        a = dist.sample()
        logps.append(dist.log_prob(a))
        entropies.append(dist.entropy())
        values.append(critic(state).squeeze(-1))
        rewards.append((a == 0).float())
        state = state + 0.1 * torch.randn_like(state)
    with torch.no_grad():
        R = critic(state).squeeze(-1)
    returns = []
    for r in reversed(rewards):
        R = r + 0.95 * R
        returns.insert(0, R)
    returns, values, logps = map(torch.stack, (returns, values, logps))
    adv = returns - values
    loss = -(logps * adv.detach()).mean() + 0.5 * adv.pow(2).mean() - 0.01 * torch.stack(entropies).mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_([*actor.parameters(), *critic.parameters()], 0.5)
    opt.step()
final = loss.item()
print(final)
