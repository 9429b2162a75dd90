"""Q-learning whose small target network is cut by detach()."""

import torch
from torch import nn


class Q(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3, 8)
        self.out = nn.Linear(8, 2)

    def forward(self, state):
        return self.out(torch.relu(self.hidden(state)))


torch.manual_seed(0)
online, target = Q(), Q()
target.load_state_dict(online.state_dict())
optimizer = torch.optim.Adam(online.parameters(), lr=1e-2)
for step in range(6):
    state, following, reward = torch.randn(5, 3), torch.randn(5, 3), torch.randn(5)
    action = torch.randint(0, 2, (5, 1))
    goal = reward + 0.9 * target(following).max(1)[0].detach()
    loss = nn.functional.mse_loss(online(state).gather(1, action).squeeze(1), goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 2 == 1:
        target.load_state_dict(online.state_dict())
    print(step, loss.item())
