"""Double DQN with a target network and a replay buffer."""
import copy
import random
from collections import deque
import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)
q = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)
memory = deque(maxlen=200)


def act(s, eps=0.2):
    if random.random() < eps:
        return random.randrange(2)
    with torch.no_grad():
        return q(s).argmax().item()


s = torch.randn(4)
for step in range(40):
    a = act(s)
    s2 = 0.9 * s + 0.1 * torch.randn(4)
    memory.append((s, a, float(s2[0] > 0), s2))
    s = s2
    if len(memory) < 16:
        continue
    ss, aa, rr, nn_ = zip(*random.sample(memory, 16))
    ss, nxt = torch.stack(ss), torch.stack(nn_)
    aa, rr = torch.tensor(aa).unsqueeze(1), torch.tensor(rr)
    with torch.no_grad():
        best = q(nxt).argmax(1, keepdim=True)
        goal = rr + 0.95 * target(nxt).gather(1, best).squeeze(1)
    loss = nn.functional.smooth_l1_loss(q(ss).gather(1, aa).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(q.parameters(), 1.0)
    opt.step()
    if step % 10 == 0:
        target.load_state_dict(q.state_dict())
final = loss.item()
print(final)
