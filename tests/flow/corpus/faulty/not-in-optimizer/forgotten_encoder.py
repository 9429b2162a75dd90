"""Sequence tagging with an encoder and a tagger."""

import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.LSTM(4, 5, batch_first=True)
tagger = nn.Linear(5, 3)
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.01)
words = torch.randn(3, 6, 4)
tags = torch.randint(0, 3, (3, 6))

for epoch in range(5):
    states, _ = encoder(words)
    scores = tagger(states)
    loss = nn.functional.cross_entropy(scores.reshape(-1, 3), tags.reshape(-1))
    optimizer.zero_grad()
    loss.backward()  # expect: not-in-optimizer
    optimizer.step()
    print(epoch, loss.item())
