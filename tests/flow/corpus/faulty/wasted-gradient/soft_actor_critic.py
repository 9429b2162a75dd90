"""Actor and critic with a soft target that nobody detached."""

import torch
from torch import nn
from torch.nn import functional as F


class SAC:
    def __init__(self):
        self.actor = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1), nn.Tanh())
        self.critic = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        self.actor_optimizer = torch.optim.Adam(self.actor.parameters(), lr=1e-3)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=1e-3)

    def q(self, states, actions):
        return self.critic(torch.cat([states, actions], dim=1))

    def update_critic(self, s, a, r, s2):
        following = self.q(s2, self.actor(s2))
        loss = F.mse_loss(self.q(s, a), r + 0.9 * following)
        self.critic_optimizer.zero_grad()
        loss.backward()  # expect: wasted-gradient
        self.critic_optimizer.step()
        return loss.item()

    def update_actor(self, s):
        loss = -self.q(s, self.actor(s)).mean()
        self.actor_optimizer.zero_grad()
        loss.backward()  # expect-note: wasted-gradient
        self.actor_optimizer.step()
        return loss.item()


torch.manual_seed(0)
agent = SAC()
for _ in range(4):
    s, a, r, s2 = torch.randn(6, 3), torch.rand(6, 1), torch.randn(6, 1), torch.randn(6, 3)
    print(agent.update_critic(s, a, r, s2), agent.update_actor(s))
