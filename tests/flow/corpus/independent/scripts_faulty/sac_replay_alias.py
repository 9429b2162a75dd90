"""Soft actor-critic with automatic temperature (CleanRL style)."""
import copy
import torch
from torch import nn
import torch.nn.functional as F
from torch.distributions import Normal


class QNet(nn.Module):
    def __init__(self, s, a):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(s + a, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, s, a):
        return self.net(torch.cat([s, a], 1))


class Actor(nn.Module):
    def __init__(self, s, a):
        super().__init__()
        self.fc, self.mean, self.logstd = nn.Linear(s, 16), nn.Linear(16, a), nn.Linear(16, a)

    def get_action(self, x):
        h = F.relu(self.fc(x))
        std = (-5 + 0.5 * 7 * (torch.tanh(self.logstd(h)) + 1)).exp()
        normal = Normal(self.mean(h), std)
        x_t = normal.rsample()
        y = torch.tanh(x_t)
        logp = normal.log_prob(x_t) - torch.log(1 - y.pow(2) + 1e-6)
        return y, logp.sum(1, keepdim=True)


def main():
    torch.manual_seed(0)
    s_dim, a_dim, gamma, tau = 3, 1, 0.99, 0.05
    actor, qf1, qf2 = Actor(s_dim, a_dim), QNet(s_dim, a_dim), QNet(s_dim, a_dim)
    qf1_target, qf2_target = copy.deepcopy(qf1), copy.deepcopy(qf2)
    q_opt = torch.optim.Adam(list(qf1.parameters()) + list(qf2.parameters()), lr=1e-3)
    actor_opt = torch.optim.Adam(actor.parameters(), lr=3e-4)
    target_entropy = -float(a_dim)
    log_alpha = torch.zeros(1, requires_grad=True)
    alpha = log_alpha.exp().item()
    a_opt = torch.optim.Adam([log_alpha], lr=1e-3)
    obs, rb = torch.randn(1, s_dim), []
    for step in range(24):
        with torch.no_grad():
            act, _ = actor.get_action(obs)
        nxt = obs
        nxt.mul_(0.9).add_(0.1 * act)  # expect: alias-write
        rb.append((obs, act, nxt, -nxt.norm(dim=1, keepdim=True)))
        obs = nxt
        if step < 16:
            continue
        s, a, s2, r = (torch.cat(z) for z in zip(*[rb[i] for i in torch.randint(0, len(rb), (8,)).tolist()]))
        with torch.no_grad():
            a2, lp2 = actor.get_action(s2)
            target = r + gamma * (torch.min(qf1_target(s2, a2), qf2_target(s2, a2)) - alpha * lp2)
        qf_loss = F.mse_loss(qf1(s, a), target) + F.mse_loss(qf2(s, a), target)
        q_opt.zero_grad()
        qf_loss.backward()
        q_opt.step()
        if step % 2 == 0:
            pi, logp = actor.get_action(s)
            min_q = torch.min(qf1(s, pi), qf2(s, pi))
            actor_loss = ((alpha * logp) - min_q).mean()
            actor_opt.zero_grad()
            actor_loss.backward()
            actor_opt.step()
            with torch.no_grad():
                _, logp = actor.get_action(s)
            alpha_loss = (-log_alpha.exp() * (logp + target_entropy)).mean()
            a_opt.zero_grad()
            alpha_loss.backward()
            a_opt.step()
            alpha = log_alpha.exp().item()
        for q, qt in ((qf1, qf1_target), (qf2, qf2_target)):
            for p, tp in zip(q.parameters(), qt.parameters()):
                tp.data.copy_(tau * p.data + (1 - tau) * tp.data)
    print(qf_loss.item(), actor_loss.item(), alpha)


if __name__ == "__main__":
    main()
