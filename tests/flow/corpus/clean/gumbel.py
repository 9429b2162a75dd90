"""Choose a discrete code by straight-through Gumbel softmax."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 4), nn.Linear(4, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)


def sample(logits, tau):
    uniform = torch.rand_like(logits).clamp(1e-6, 1 - 1e-6)
    soft = F.softmax((logits - torch.log(-torch.log(uniform))) / tau, dim=-1)
    hard = F.one_hot(soft.argmax(dim=-1), logits.shape[-1]).float()
    return hard - soft.detach() + soft


x = torch.randn(12, 6)
for step in range(6):
    code = sample(encoder(x), tau=max(0.5, 1.0 - 0.1 * step))
    loss = F.mse_loss(decoder(code), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    used = code.argmax(1).unique().numel()
    print(step, loss.item(), used)
