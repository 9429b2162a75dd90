"""PPO with a clipped objective over several epochs."""
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=3e-3, eps=1e-5)
for update in range(2):
    obs = torch.randn(32, 4)
    with torch.no_grad():
        dist = Categorical(logits=actor(obs))
        act = dist.sample()
        old_logp = dist.log_prob(act)
        values = critic(obs).squeeze(-1)
    reward = (act == 1).float()
    adv = reward - values
    ret = adv + values
    for epoch in range(3):
        for idx in torch.randperm(32).split(16):
            dist = Categorical(logits=actor(obs[idx]))
            logratio = dist.log_prob(act[idx]) - old_logp[idx]
            ratio = logratio.exp()
            with torch.no_grad():
                kl = ((ratio - 1) - logratio).mean()
            a = adv[idx]
            a = (a - a.mean()) / (a.std() + 1e-8)
            pg = torch.max(-a * ratio, -a * ratio.clamp(0.8, 1.2)).mean()
            v = (critic(obs[idx]).squeeze(-1) - ret[idx]).pow(2).mean()
            loss = pg + 0.5 * v - 0.01 * dist.entropy().mean()
            opt.zero_grad()
            loss.backward()
            opt.step()
        if kl > 0.5:
            break
final = loss.item()
print(final, kl.item())
