"""REINFORCE on a bandit with contexts, losses kept until the end of the episode."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(policy.parameters(), lr=0.05)
running = 0.0


def act(context):
    logits = policy(context)
    probabilities = torch.softmax(logits, dim=-1)
    action = torch.multinomial(probabilities, 1)
    return action.item(), nn.functional.log_softmax(logits, dim=-1)[action]


for episode in range(5):
    log_probs, rewards = [], []
    for _ in range(6):
        context = torch.randn(2)
        action, log_prob = act(context)
        log_probs.append(log_prob)
        rewards.append(1.0 if action == int(context.argmax()) else 0.0)
    running = 0.9 * running + 0.1 * sum(rewards)
    loss = torch.cat([-p * (r - 0.5) for p, r in zip(log_probs, rewards)]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(episode, loss.item(), running)
