"""Q-learning with a target network that the loss runs into."""

import torch
from torch import nn

torch.manual_seed(0)
policy, target = (nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2)) for _ in range(2))
target.load_state_dict(policy.state_dict())
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-3)

for step in range(6):
    state, following = torch.randn(8, 4), torch.randn(8, 4)
    action, reward = torch.randint(0, 2, (8, 1)), torch.randn(8)
    q = policy(state).gather(1, action).squeeze(1)
    goal = reward + 0.99 * target(following).max(dim=1).values
    loss = nn.functional.smooth_l1_loss(q, goal)
    optimizer.zero_grad()
    loss.backward()  # expect: not-in-optimizer
    optimizer.step()
    if step % 3 == 0:
        target.load_state_dict(policy.state_dict())
print(loss.item())
