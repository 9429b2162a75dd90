"""Actor-critic in which the critic gives its opinion and learns nothing."""

import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Linear(3, 2), nn.Linear(3, 1)
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=0.01)

for episode in range(3):
    losses = []
    for _ in range(5):
        state = torch.randn(3)
        log_probs = torch.log_softmax(actor(state), dim=0)
        action = int(torch.multinomial(log_probs.detach().exp(), 1))
        reward = 1.0 if (state[0] > 0) == bool(action) else 0.0
        value = critic(state).item()  # expect: left-the-graph
        advantage = reward - value
        losses.append(-log_probs[action] * advantage + 0.5 * advantage**2)
    loss = torch.stack(losses).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(episode, loss.item())
