"""A bag-of-words classifier whose embedding was once pretrained."""

import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, words, width, classes):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.hidden = nn.Linear(width, width)
        self.output = nn.Linear(width, classes)

    def forward(self, tokens):
        with torch.no_grad():  # expect: unreached-parameter
            vectors = self.embedding(tokens)
        pooled = vectors.mean(dim=1)
        return self.output(torch.tanh(self.hidden(pooled)))


def main():
    torch.manual_seed(1)
    tokens = torch.randint(0, 20, (16, 5))
    labels = torch.randint(0, 3, (16,))
    model = Classifier(20, 6, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(5):
        loss = nn.functional.cross_entropy(model(tokens), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("final loss", loss.item())


main()
