"""Actor and critic share a body; the critic's step precedes the actor's backward."""
import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh())
pi, v = nn.Linear(16, 2), nn.Linear(16, 1)
opts = {"critic": torch.optim.Adam([*body.parameters(), *v.parameters()], lr=1e-2),
        "actor": torch.optim.Adam([*body.parameters(), *pi.parameters()], lr=1e-2)}


def apply(name, loss, keep=False):
    opts[name].zero_grad()
    loss.backward(retain_graph=keep)
    opts[name].step()  # expect: saved-value-modified


for _ in range(2):
    s, ret = torch.randn(8, 4), torch.randn(8)
    h = body(s)
    dist = torch.distributions.Categorical(logits=pi(h))
    a = dist.sample()
    value = v(h).squeeze(1)
    actor_loss = -(dist.log_prob(a) * (ret - value.detach())).mean()
    critic_loss = (ret - value).pow(2).mean()
    apply("critic", critic_loss, keep=True)
    apply("actor", actor_loss)
