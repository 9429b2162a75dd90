"""Translate a sequence of symbols; gradients are cleared once."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 5)
        self.rnn = nn.RNN(5, 5, batch_first=True)
        self.out = nn.Linear(5, 3)

    def forward(self, tokens):
        states, _ = self.rnn(self.embedding(tokens))
        return self.out(states)


def train(model, optimizer, tokens, tags, epochs):
    model.zero_grad()
    for _ in range(epochs):
        loss = nn.functional.cross_entropy(model(tokens).flatten(0, 1), tags.flatten())
        loss.backward()
        optimizer.step()  # expect: accumulated-gradient
    return loss.item()


torch.manual_seed(0)
model = Tagger()
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.05)
print(train(model, optimizer, torch.randint(0, 7, (4, 6)), torch.randint(0, 3, (4, 6)), 6))
