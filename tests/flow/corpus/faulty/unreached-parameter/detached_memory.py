"""A decoder attends to what an encoder remembers."""

import torch
from torch import nn


class Seq2Seq(nn.Module):
    def __init__(self, symbols, width):
        super().__init__()
        self.source = nn.Embedding(symbols, width)
        self.target = nn.Embedding(symbols, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(2 * width, symbols)

    def remember(self, tokens):
        memory, _ = self.encoder(self.source(tokens))
        self.memory = memory.detach()  # expect: unreached-parameter

    def forward(self, tokens):
        states, _ = self.decoder(self.target(tokens))
        weights = torch.softmax(states @ self.memory.transpose(1, 2), dim=-1)
        return self.out(torch.cat([states, weights @ self.memory], dim=-1))


torch.manual_seed(0)
model = Seq2Seq(9, 5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
source, target = torch.randint(0, 9, (3, 6)), torch.randint(0, 9, (3, 5))
for _ in range(4):
    model.remember(source)
    logits = model(target[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), target[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
