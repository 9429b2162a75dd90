"""Proximal policy optimisation: several epochs over one rollout."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Linear(3, 2)
value = nn.Linear(3, 1)
optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=1e-2)


@torch.no_grad()
def rollout():
    states = torch.randn(16, 3)
    log_probs = torch.log_softmax(policy(states), 1)
    actions = torch.multinomial(log_probs.exp(), 1)
    returns = (actions.squeeze(1).float() - 0.5) * states[:, 0]
    advantages = returns - value(states).squeeze(1)
    return states, actions, log_probs.gather(1, actions), returns, advantages.unsqueeze(1)


for _ in range(2):
    states, actions, old, returns, advantages = rollout()
    for _ in range(3):
        new = torch.log_softmax(policy(states), 1).gather(1, actions)
        ratio = (new - old).exp()
        clipped = ratio.clamp(0.8, 1.2)
        gain = torch.min(ratio * advantages, clipped * advantages).mean()
        loss = nn.functional.mse_loss(value(states).squeeze(1), returns) - gain
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        outside = ((ratio - 1).abs() > 0.2).float().mean().item()
        print(loss.item(), outside)
