"""A critic whose weights are clipped before the backward."""

import torch
from torch import nn


class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 8)
        self.outer = nn.Linear(8, 1)

    def forward(self, x):
        return self.outer(torch.relu(self.inner(x)))

    def clip(self, limit):
        for p in self.parameters():
            p.data.clamp_(-limit, limit)  # expect: stale-saved-value


torch.manual_seed(0)
critic = Critic()
optimizer = torch.optim.RMSprop(critic.parameters(), lr=1e-2)
for _ in range(4):
    real, fake = torch.randn(6, 2) + 1, torch.randn(6, 2)
    optimizer.zero_grad()
    loss = critic(fake).mean() - critic(real).mean()
    critic.clip(0.1)
    loss.backward()
    optimizer.step()
    print(loss.item())
print(critic.outer.weight.tolist())
