"""Advantage actor-critic with two networks and two optimisers."""

import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
critic = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
actor_optimizer = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)

for episode in range(4):
    states = torch.randn(6, 3)
    log_probs = torch.log_softmax(actor(states), dim=1)
    actions = torch.multinomial(log_probs.exp(), 1)
    rewards = (actions.squeeze(1) == (states[:, 0] > 0).long()).float()

    values = critic(states).squeeze(1)
    critic_loss = nn.functional.mse_loss(values, rewards)
    critic_optimizer.zero_grad()
    critic_loss.backward()
    critic_optimizer.step()

    advantages = [reward - value.item() for reward, value in zip(rewards.tolist(), values)]
    chosen = log_probs.gather(1, actions).squeeze(1)
    actor_loss = -(chosen * torch.tensor(advantages)).mean()
    actor_optimizer.zero_grad()
    actor_loss.backward()
    actor_optimizer.step()
    print(episode, actor_loss.item(), critic_loss.item())
