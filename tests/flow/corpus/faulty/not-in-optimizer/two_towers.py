"""Match users and items; one of the towers stays as it was."""

import torch
from torch import nn


class Recommender:
    def __init__(self, users, items, width):
        self.users = nn.Embedding(users, width)
        self.items = nn.Embedding(items, width)
        self.bias = nn.Parameter(torch.zeros(1))
        self.optimizer = torch.optim.Adam([*self.users.parameters(), self.bias], lr=0.05)

    def score(self, user, item):
        return (self.users(user) * self.items(item)).sum(dim=1) + self.bias

    def step(self, user, item, clicked):
        loss = nn.functional.binary_cross_entropy_with_logits(self.score(user, item), clicked)
        self.optimizer.zero_grad()
        loss.backward()  # expect: not-in-optimizer
        self.optimizer.step()
        return loss.item()


torch.manual_seed(0)
recommender = Recommender(6, 9, 4)
for _ in range(5):
    user, item = torch.randint(0, 6, (12,)), torch.randint(0, 9, (12,))
    print(recommender.step(user, item, ((user + item) % 2).float()))
