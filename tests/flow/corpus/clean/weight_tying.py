"""A language model whose output shares the embedding."""

import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self, symbols, width):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width)
        self.cell = nn.GRU(width, width, batch_first=True)
        self.decoder = nn.Linear(width, symbols, bias=False)
        self.decoder.weight = self.embedding.weight

    def forward(self, tokens):
        states, _ = self.cell(self.embedding(tokens))
        return self.decoder(states)


torch.manual_seed(0)
model = Tied(12, 6)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
tokens = torch.randint(0, 12, (4, 9))
for _ in range(5):
    logits = model(tokens[:, :-1])
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), tokens[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item(), model.decoder.weight is model.embedding.weight)
