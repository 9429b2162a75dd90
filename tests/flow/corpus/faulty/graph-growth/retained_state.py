"""Recurrent state carried on; retain_graph=True made the error go away."""

import torch
from torch import nn

torch.manual_seed(0)
embed, cell, out = nn.Embedding(6, 4), nn.Linear(8, 4), nn.Linear(4, 6)
text = torch.randint(0, 6, (13,))
rate = 0.01
parameters = [*embed.parameters(), *cell.parameters(), *out.parameters()]

h = torch.zeros(4)
for now, then in zip(text[:-1], text[1:]):
    h = torch.tanh(cell(torch.cat([embed(now), h])))  # expect: graph-growth
    loss = nn.functional.cross_entropy(out(h).unsqueeze(0), then.unsqueeze(0))
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True)
    velocity = [rate * g for g in gradients]
    print(loss.item(), sum(v.abs().sum().item() for v in velocity))
