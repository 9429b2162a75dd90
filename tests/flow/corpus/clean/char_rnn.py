"""A character model over one long text, truncated backpropagation through time."""

import torch
from torch import nn

TEXT = "the quick brown fox jumps over the lazy dog and runs back again "


class CharRNN(nn.Module):
    def __init__(self, symbols, width):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.output = nn.Linear(width, symbols)

    def forward(self, tokens, state):
        states, state = self.lstm(self.embedding(tokens), state)
        return self.output(states), state


torch.manual_seed(0)
alphabet = sorted(set(TEXT))
tokens = torch.tensor([[alphabet.index(c) for c in TEXT]])
model = CharRNN(len(alphabet), 8)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(2):
    state = (torch.zeros(1, 1, 8), torch.zeros(1, 1, 8))
    for start in range(0, len(TEXT) - 11, 10):
        state = tuple(s.detach() for s in state)
        logits, state = model(tokens[:, start : start + 10], state)
        target = tokens[:, start + 1 : start + 11]
        loss = nn.functional.cross_entropy(logits.reshape(-1, len(alphabet)), target.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(epoch, loss.item())
