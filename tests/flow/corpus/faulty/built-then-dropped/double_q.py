"""Double Q-learning with a closure for the goal."""

import torch
from torch import nn

torch.manual_seed(0)
online, frozen = (nn.Sequential(nn.Linear(3, 2048), nn.ReLU(), nn.Linear(2048, 2)) for _ in range(2))
optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)


def goal_of(discount):
    def goal(reward, following):
        with torch.no_grad():
            action = online(following).argmax(dim=1, keepdim=True)
        value = frozen(following).gather(1, action).squeeze(1)
        return (reward + discount * value).data  # expect: built-then-dropped

    return goal


goal = goal_of(0.95)
for step in range(4):
    state, following, reward = torch.randn(2048, 3), torch.randn(2048, 3), torch.randn(2048)
    taken = torch.randint(0, 2, (2048, 1))
    loss = (online(state).gather(1, taken).squeeze(1) - goal(reward, following)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
