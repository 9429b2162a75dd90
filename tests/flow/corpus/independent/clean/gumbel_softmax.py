"""A discrete latent chosen by straight-through Gumbel-softmax."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
enc, dec = nn.Linear(6, 4), nn.Linear(4, 6)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)
tau = 1.0
for step in range(6):
    x = torch.randn(16, 6)
    logits = enc(x)
    soft = F.gumbel_softmax(logits, tau=tau, hard=False)
    hard = F.one_hot(soft.argmax(-1), 4).float()
    z = hard - soft.detach() + soft
    q = F.softmax(logits, -1)
    kl = (q * (q.clamp_min(1e-8).log() + 1.386)).sum(-1).mean()
    loss = F.mse_loss(dec(z), x) + 0.1 * kl
    opt.zero_grad()
    loss.backward()
    opt.step()
    tau = max(0.5, tau * 0.9)
final = loss.item()
print(final, tau)
