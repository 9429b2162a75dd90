"""One-step actor-critic with a shared body."""
import torch
from torch import nn
from torch.distributions import Categorical


class AC(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 16), nn.Tanh())
        self.pi = nn.Linear(16, 2)
        self.v = nn.Linear(16, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.pi(h)), self.v(h).squeeze(-1)


torch.manual_seed(0)
model = AC()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
state = torch.randn(4)
for t in range(10):
    dist, value = model(state)
    action = dist.sample()
    next_state = 0.9 * state + 0.1 * torch.randn(4)
    reward = 1.0 if action.item() == int(state.sum() > 0) else 0.0
    with torch.no_grad():
        _, next_value = model(next_state)
    delta = reward + 0.9 * next_value - value
    loss = -dist.log_prob(action) * delta.detach() + delta.pow(2)
    opt.zero_grad()
    loss.backward()
    opt.step()
    state = next_state
final = loss.item()
print(final)
