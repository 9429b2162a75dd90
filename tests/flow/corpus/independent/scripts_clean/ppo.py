"""Clipped PPO with GAE on a tiny point-mass env (CleanRL style)."""
from dataclasses import dataclass
import torch
import torch.nn as nn
from torch.distributions.normal import Normal


@dataclass
class Args:
    num_steps: int = 16
    updates: int = 2
    epochs: int = 2
    minibatches: int = 2
    gamma: float = 0.99
    lam: float = 0.95
    clip: float = 0.2
    ent: float = 0.01
    vf: float = 0.5
    max_grad_norm: float = 0.5


def layer_init(layer, std=2 ** 0.5, bias=0.0):
    torch.nn.init.orthogonal_(layer.weight, std)
    torch.nn.init.constant_(layer.bias, bias)
    return layer


class PointMass:
    def reset(self):
        self.x, self.v, self.t = torch.randn(1), torch.zeros(1), 0
        return torch.cat([self.x, self.v])

    def step(self, a):
        self.v = self.v + 0.1 * a.clamp(-1, 1)
        self.x = self.x + 0.1 * self.v
        self.t += 1
        return torch.cat([self.x, self.v]), -self.x.abs().item(), self.t >= 10


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.critic = nn.Sequential(layer_init(nn.Linear(2, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), 1.0))
        self.actor_mean = nn.Sequential(layer_init(nn.Linear(2, 16)), nn.Tanh(), layer_init(nn.Linear(16, 1), 0.01))
        self.actor_logstd = nn.Parameter(torch.zeros(1, 1))

    def get_value(self, x):
        return self.critic(x)

    def get_action_and_value(self, x, action=None):
        mean = self.actor_mean(x)
        probs = Normal(mean, self.actor_logstd.expand_as(mean).exp())
        if action is None:
            action = probs.sample()
        return action, probs.log_prob(action).sum(1), probs.entropy().sum(1), self.critic(x)


def main():
    args = Args()
    torch.manual_seed(3)
    env, agent = PointMass(), Agent()
    optimizer = torch.optim.Adam(agent.parameters(), lr=2.5e-4, eps=1e-5)
    obs = torch.zeros(args.num_steps, 2)
    actions = torch.zeros(args.num_steps, 1)
    logprobs, rewards, dones, values = (torch.zeros(args.num_steps) for _ in range(4))
    next_obs, next_done = env.reset(), 0.0
    for update in range(args.updates):
        optimizer.param_groups[0]["lr"] = 2.5e-4 * (1 - update / args.updates)
        for step in range(args.num_steps):
            obs[step], dones[step] = next_obs, next_done
            with torch.no_grad():
                action, logprob, _, value = agent.get_action_and_value(next_obs[None])
                values[step] = value.flatten()
            actions[step], logprobs[step] = action[0], logprob
            next_obs, r, d = env.step(action[0])
            rewards[step] = r
            next_done = float(d)
            if d:
                next_obs = env.reset()
        with torch.no_grad():
            next_value = agent.get_value(next_obs[None]).reshape(1)
            advantages = torch.zeros_like(rewards)
            last = 0
            for t in reversed(range(args.num_steps)):
                nonterminal = 1.0 - (next_done if t == args.num_steps - 1 else dones[t + 1])
                nv = next_value if t == args.num_steps - 1 else values[t + 1]
                delta = rewards[t] + args.gamma * nv * nonterminal - values[t]
                advantages[t] = last = delta + args.gamma * args.lam * nonterminal * last
            returns = advantages + values
        mb = args.num_steps // args.minibatches
        for epoch in range(args.epochs):
            perm = torch.randperm(args.num_steps)
            for s in range(0, args.num_steps, mb):
                idx = perm[s:s + mb]
                _, newlogprob, entropy, newvalue = agent.get_action_and_value(obs[idx], actions[idx])
                logratio = newlogprob - logprobs[idx]
                ratio = logratio.exp()
                with torch.no_grad():
                    approx_kl = ((ratio - 1) - logratio).mean()
                adv = advantages[idx]
                adv = (adv - adv.mean()) / (adv.std() + 1e-8)
                pg_loss = torch.max(-adv * ratio, -adv * ratio.clamp(1 - args.clip, 1 + args.clip)).mean()
                v_loss = 0.5 * ((newvalue.view(-1) - returns[idx]) ** 2).mean()
                loss = pg_loss - args.ent * entropy.mean() + v_loss * args.vf
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), args.max_grad_norm)
                optimizer.step()
        print(f"update {update} v {v_loss.item():.3f} pg {pg_loss.item():.3f} kl {approx_kl.item():.5f}")


if __name__ == "__main__":
    main()
