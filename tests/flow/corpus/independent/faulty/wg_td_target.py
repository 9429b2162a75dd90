"""TD learning through an undetached target network, cleaned up each step."""
import copy
import torch
from torch import nn


class Agent:
    def __init__(self):
        self.q = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
        self.slow = copy.deepcopy(self.q)
        self.opt = torch.optim.Adam(self.q.parameters(), lr=1e-3)

    def learn(self, s, a, r, s2):
        goal = r + 0.9 * self.slow(s2).max(1).values
        loss = (self.q(s).gather(1, a).squeeze(1) - goal).pow(2).mean()
        loss.backward()  # expect: wasted-gradient, also: not-in-optimizer
        self.opt.step()
        for net in (self.q, self.slow):
            net.zero_grad(set_to_none=True)
        return loss.item()


torch.manual_seed(0)
agent = Agent()
for step in range(5):
    value = agent.learn(torch.randn(8, 4), torch.randint(0, 2, (8, 1)),
                        torch.randn(8), torch.randn(8, 4))
print(f"td error {value:.3f}")
