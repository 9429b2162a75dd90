"""TD3-like agent with target policy smoothing and delayed actor updates."""
import copy
import torch
import torch.nn as nn
import torch.nn.functional as F


class Actor(nn.Module):
    def __init__(self, s, a):
        super().__init__()
        self.l1, self.l2 = nn.Linear(s, 16), nn.Linear(16, a)

    def forward(self, state):
        return torch.tanh(self.l2(F.relu(self.l1(state))))


class Critic(nn.Module):
    def __init__(self, s, a):
        super().__init__()
        self.q1 = nn.Sequential(nn.Linear(s + a, 16), nn.ReLU(), nn.Linear(16, 1))
        self.q2 = nn.Sequential(nn.Linear(s + a, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, s, a):
        sa = torch.cat([s, a], 1)
        return self.q1(sa), self.q2(sa)

    def Q1(self, s, a):
        return self.q1(torch.cat([s, a], 1))


class TD3:
    def __init__(self, s, a, policy_freq=2, tau=0.05, discount=0.99):
        self.actor = Actor(s, a)
        self.actor_target = copy.deepcopy(self.actor)
        self.actor_optimizer = torch.optim.Adam(self.actor.parameters(), lr=3e-4)
        self.critic = Critic(s, a)
        self.critic_target = copy.deepcopy(self.critic)
        self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=3e-4)
        self.policy_freq, self.tau, self.discount = policy_freq, tau, discount
        self.total_it = 0

    @torch.no_grad()
    def select_action(self, state):
        state = torch.FloatTensor(state.reshape(1, -1))
        return self.actor(state).cpu().numpy().flatten()

    def train(self, buf, n=16):
        self.total_it += 1
        idx = torch.randint(0, len(buf["s"]), (n,))
        s, a, s2, r, nd = (buf[k][idx] for k in ("s", "a", "s2", "r", "nd"))
        with torch.no_grad():
            noise = (torch.randn_like(a) * 0.2).clamp(-0.5, 0.5)
            a2 = (self.actor_target(s2) + noise).clamp(-1, 1)
            tq1, tq2 = self.critic_target(s2, a2)
            target_q = r + nd * self.discount * torch.min(tq1, tq2)
        q1, q2 = self.critic(s, a)
        critic_loss = F.mse_loss(q1, target_q) + F.mse_loss(q2, target_q)
        self.critic_optimizer.zero_grad()
        critic_loss.backward()
        self.critic_optimizer.step()
        if self.total_it % self.policy_freq == 0:
            actor_loss = -self.critic.Q1(s, self.actor(s)).mean()
            self.actor_optimizer.zero_grad()
            actor_loss.backward()
            self.actor_optimizer.step()
            for p, tp in zip(self.critic.parameters(), self.critic_target.parameters()):
                tp.data.copy_(self.tau * p.data + (1 - self.tau) * tp.data)
            for p, tp in zip(self.actor.parameters(), self.actor_target.parameters()):
                tp.data.copy_(self.tau * p.data + (1 - self.tau) * tp.data)
        return critic_loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    agent = TD3(3, 1)
    state = torch.randn(3).numpy()
    rows = {k: [] for k in ("s", "a", "s2", "r", "nd")}
    for t in range(20):
        a = torch.from_numpy(agent.select_action(state))
        s = torch.from_numpy(state)
        s2 = 0.9 * s + 0.1 * a
        for k, v in zip(rows, (s, a, s2, -s2.norm().view(1), torch.ones(1))):
            rows[k].append(v)
        state = s2.numpy()
    buf = {k: torch.stack(v) for k, v in rows.items()}
    for it in range(6):
        print(it, agent.train(buf))
