"""TD3: twin critics, delayed actor and target smoothing."""
import copy
import torch
from torch import nn
import torch.nn.functional as F


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 16), nn.ReLU(), nn.Linear(16, o))


torch.manual_seed(0)
actor, q1, q2 = mlp(3, 1), mlp(4, 1), mlp(4, 1)
actor_t, q1_t, q2_t = (copy.deepcopy(m) for m in (actor, q1, q2))
a_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
q_opt = torch.optim.Adam([*q1.parameters(), *q2.parameters()], lr=1e-3)
for it in range(6):
    s, a, r, s2 = torch.randn(8, 3), torch.rand(8, 1), torch.randn(8, 1), torch.randn(8, 3)
    with torch.no_grad():
        noise = (0.2 * torch.randn_like(a)).clamp(-0.5, 0.5)
        sa2 = torch.cat([s2, (torch.tanh(actor_t(s2)) + noise).clamp(-1, 1)], 1)
        goal = r + 0.99 * torch.min(q1_t(sa2), q2_t(sa2))
    sa = torch.cat([s, a], 1)
    q_loss = F.mse_loss(q1(sa), goal) + F.mse_loss(q2(sa), goal)
    q_opt.zero_grad()
    q_loss.backward()
    q_opt.step()
    if it % 2 == 0:
        a_loss = -q1(torch.cat([s, torch.tanh(actor(s))], 1)).mean()
        a_opt.zero_grad()
        a_loss.backward()
        a_opt.step()
        for net, slow in ((actor, actor_t), (q1, q1_t), (q2, q2_t)):
            for p, tp in zip(net.parameters(), slow.parameters()):
                tp.data.copy_(0.995 * tp.data + 0.005 * p.data)
final = a_loss.item()
print(q_loss.item(), final)
