"""A2C: the advantages use values that are evaluated a second time and cut."""
import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(6, 64), nn.Tanh(), nn.Linear(64, 3))
critic = nn.Sequential(nn.Linear(6, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 1))
opt = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=1e-3)


def advantages(states, rewards, gamma=0.9):
    values = critic(states).squeeze(-1).detach()  # expect: built-then-dropped
    returns = torch.zeros_like(rewards)
    run = 0.0
    for t in reversed(range(len(rewards))):
        run = rewards[t] + gamma * run
        returns[t] = run
    return returns, returns - values


for _ in range(3):
    states, rewards = torch.randn(128, 6), torch.randn(128)
    dist = torch.distributions.Categorical(logits=actor(states))
    actions = dist.sample()
    returns, adv = advantages(states, rewards)
    policy = -(dist.log_prob(actions) * adv).mean()
    value = nn.functional.mse_loss(critic(states).squeeze(-1), returns)
    loss = policy + 0.5 * value
    opt.zero_grad()
    loss.backward()
    opt.step()
