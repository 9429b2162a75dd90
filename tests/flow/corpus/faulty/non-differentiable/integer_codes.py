"""Quantise a code and look it up in a table."""

import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(6, 3), nn.Sigmoid())
table = nn.Embedding(8, 4)
decoder = nn.Linear(12, 6)
parameters = [p for part in (encoder, table, decoder) for p in part.parameters()]
optimizer = torch.optim.Adam(parameters, lr=0.01)


def reconstruct(batch):
    code = encoder(batch) * 7
    index = code.long()  # expect: non-differentiable
    return decoder(table(index).flatten(1))


batch = torch.rand(10, 6)
for step in range(6):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(reconstruct(batch), batch)
    loss.backward()
    optimizer.step()
    print(step, round(loss.item(), 5))
