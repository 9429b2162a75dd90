"""One-step Q-learning on random transitions."""

import torch
from torch import nn


def network():
    return nn.Sequential(nn.Linear(4, 2048), nn.ReLU(), nn.Linear(2048, 2))


torch.manual_seed(0)
policy = network()
target = network()
target.load_state_dict(policy.state_dict())
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-3)

for step in range(4):
    state, following = torch.randn(2048, 4), torch.randn(2048, 4)
    action = torch.randint(0, 2, (2048, 1))
    reward = torch.randn(2048)
    q = policy(state).gather(1, action).squeeze(1)
    best = target(following).max(dim=1).values
    goal = reward + 0.99 * best.detach()  # expect: built-then-dropped
    loss = nn.functional.smooth_l1_loss(q, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 3 == 0:
        target.load_state_dict(policy.state_dict())
print(loss.item())
