"""Actor-critic on a small corridor; one network, one loss."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Corridor:
    def reset(self):
        self.place = 0
        return self.observe()

    def observe(self):
        return torch.tensor([self.place / 4, 1.0])

    def step(self, action):
        self.place = max(0, self.place + (1 if action == 1 else -1))
        done = self.place == 4
        return self.observe(), 1.0 if done else -0.1, done


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine = nn.Linear(2, 16)
        self.action_head = nn.Linear(16, 2)
        self.value_head = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.affine(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)


def finish(saved, rewards, optimizer):
    R, returns = 0.0, []
    for r in reversed(rewards):
        R = r + 0.99 * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    policy_losses, value_losses = [], []
    for (log_prob, value), R in zip(saved, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, R.reshape(1)))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    return loss.item()


torch.manual_seed(0)
env, model = Corridor(), Policy()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-2)
for episode in range(4):
    state, saved, rewards = env.reset(), [], []
    for _ in range(12):
        probs, value = model(state)
        action = torch.multinomial(probs.detach(), 1).item()
        saved.append((torch.log(probs[action]), value))
        state, reward, done = env.step(action)
        rewards.append(reward)
        if done:
            break
    print(episode, finish(saved, rewards, optimizer))
