"""A bag-of-words classifier that looks its words up without gradient."""
import torch
from torch import nn


class Bag(nn.Module):
    def __init__(self, vocab, dim, classes):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.fc = nn.Linear(dim, classes)

    def pool(self, tokens):
        with torch.no_grad():  # expect: unreached-parameter
            vectors = self.embed(tokens)  # or: unreached-parameter
            mask = (tokens != 0).unsqueeze(-1)
        return (vectors * mask).sum(1) / mask.sum(1).clamp(min=1)

    def forward(self, tokens):
        return self.fc(self.pool(tokens))


torch.manual_seed(0)
model = Bag(20, 6, 2)
opt = torch.optim.Adam(model.parameters(), lr=0.05)
tokens, labels = torch.randint(0, 20, (16, 5)), torch.randint(0, 2, (16,))
for _ in range(3):
    loss = nn.functional.cross_entropy(model(tokens), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
