"""Deep Q-learning with a replay memory and a target network."""

import random
from collections import deque

import torch
from torch import nn


def network():
    return nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))


def step(state, action):
    following = (state + (0.1 if action else -0.1)).clamp(-1, 1)
    return following, float(following.sum() > 0)


def optimise(memory):
    states, actions, rewards, followers = zip(*random.sample(memory, 4))
    q = policy(torch.stack(states)).gather(1, torch.tensor(actions).reshape(-1, 1)).squeeze(1)
    with torch.no_grad():
        best = target(torch.stack(followers)).max(1).values
    goal = torch.tensor(rewards) + 0.9 * best
    loss = nn.functional.smooth_l1_loss(q, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


random.seed(0)
torch.manual_seed(0)
policy, target = network(), network()
target.load_state_dict(policy.state_dict())
target.eval()
optimizer = torch.optim.RMSprop(policy.parameters(), lr=1e-3)
memory = deque(maxlen=50)
state = torch.zeros(3)
for t in range(12):
    if random.random() < 0.3:
        action = random.randrange(2)
    else:
        with torch.no_grad():
            action = policy(state).argmax().item()
    following, reward = step(state, action)
    memory.append((state, action, reward, following))
    state = following
    if len(memory) >= 4:
        print(t, optimise(memory))
    if t % 4 == 0:
        target.load_state_dict(policy.state_dict())
