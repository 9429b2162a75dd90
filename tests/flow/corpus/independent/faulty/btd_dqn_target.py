"""DQN: the target network runs with a graph that is then cut."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
q = nn.Sequential(nn.Linear(8, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 4))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)


def td_target(r, s2, done, gamma=0.99):
    best = target(s2).max(1).values.detach()  # expect: built-then-dropped
    return r + gamma * (1 - done) * best


for step in range(6):
    s, s2 = torch.randn(256, 8), torch.randn(256, 8)
    a, r, done = torch.randint(0, 4, (256, 1)), torch.randn(256), torch.zeros(256)
    pred = q(s).gather(1, a).squeeze(1)
    loss = nn.functional.smooth_l1_loss(pred, td_target(r, s2, done))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 3 == 0:
        target.load_state_dict(q.state_dict())
