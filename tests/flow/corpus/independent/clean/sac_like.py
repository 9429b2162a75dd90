"""A soft actor-critic update with learned temperature."""
import copy
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))
critic = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
target = copy.deepcopy(critic).requires_grad_(False)
log_alpha = torch.zeros(1, requires_grad=True)
a_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
c_opt = torch.optim.Adam(critic.parameters(), lr=1e-3)
t_opt = torch.optim.Adam([log_alpha], lr=1e-3)


def sample(s):
    mu, log_std = actor(s).chunk(2, dim=-1)
    dist = Normal(mu, log_std.clamp(-4, 1).exp())
    u = dist.rsample()
    a = torch.tanh(u)
    return a, (dist.log_prob(u) - torch.log(1 - a.pow(2) + 1e-6)).sum(-1, keepdim=True)


for _ in range(5):
    s, a, r, s2 = torch.randn(8, 3), torch.rand(8, 1) * 2 - 1, torch.randn(8, 1), torch.randn(8, 3)
    with torch.no_grad():
        a2, logp2 = sample(s2)
        y = r + 0.99 * (target(torch.cat([s2, a2], 1)) - log_alpha.exp() * logp2)
    c_loss = (critic(torch.cat([s, a], 1)) - y).pow(2).mean()
    c_opt.zero_grad()
    c_loss.backward()
    c_opt.step()
    new_a, logp = sample(s)
    a_loss = (log_alpha.exp().detach() * logp - critic(torch.cat([s, new_a], 1))).mean()
    a_opt.zero_grad()
    a_loss.backward()
    a_opt.step()
    t_loss = -(log_alpha * (logp.detach() - 1)).mean()
    t_opt.zero_grad()
    t_loss.backward()
    t_opt.step()
    with torch.no_grad():
        for p, tp in zip(critic.parameters(), target.parameters()):
            tp.lerp_(p, 0.01)
final = a_loss.item()
print(c_loss.item(), final, t_loss.item())
