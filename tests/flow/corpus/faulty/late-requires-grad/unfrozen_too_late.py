"""Unfreeze the embedding between the forward and the backward."""

import torch
from torch import nn


def train(model, frozen, tokens, labels):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(3):
        for p in frozen.parameters():
            p.requires_grad = False
        logits = model(tokens)
        loss = nn.functional.cross_entropy(logits, labels)
        if epoch > 0:
            frozen.requires_grad_(True)  # expect: late-requires-grad
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(epoch, loss.item())


torch.manual_seed(0)
embedding = nn.Embedding(9, 4)
model = nn.Sequential(embedding, nn.Flatten(), nn.Linear(12, 2))
train(model, embedding, torch.randint(0, 9, (6, 3)), torch.randint(0, 2, (6,)))
