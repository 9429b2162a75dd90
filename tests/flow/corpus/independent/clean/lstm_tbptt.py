"""Truncated back-propagation through time with an LSTM."""
import torch
from torch import nn


class CharLSTM(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.emb = nn.Embedding(vocab, hidden)
        self.lstm = nn.LSTM(hidden, hidden, num_layers=2, batch_first=True)
        self.fc = nn.Linear(hidden, vocab)

    def forward(self, x, state=None):
        h, state = self.lstm(self.emb(x), state)
        return self.fc(h), state


torch.manual_seed(0)
model = CharLSTM(12, 8)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
text = torch.randint(0, 12, (4, 41))
for epoch in range(2):
    state, total = None, 0.0
    for i in range(0, 40, 8):
        x, y = text[:, i:i + 8], text[:, i + 1:i + 9]
        if state is not None:
            state = tuple(s.detach() for s in state)
        logits, state = model(x, state)
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
final = total / 5
print(final)
