"""Retrieval: queries and documents are encoded alike."""

import torch
from torch import nn


class Retriever(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.documents = nn.EmbeddingBag(words, width)
        self.queries = nn.EmbeddingBag(words, width)

    @torch.no_grad()  # expect: unreached-parameter
    def encode(self, tokens):
        return nn.functional.normalize(self.documents(tokens), dim=1)

    def forward(self, queries, documents):
        q = nn.functional.normalize(self.queries(queries), dim=1)
        return 10 * q @ self.encode(documents).t()


torch.manual_seed(0)
model = Retriever(30, 6)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for step in range(5):
    documents = torch.randint(0, 30, (5, 7))
    scores = model(documents[:, :3], documents)
    loss = nn.functional.cross_entropy(scores, torch.arange(5))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
