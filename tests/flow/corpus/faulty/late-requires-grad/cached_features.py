"""Warm a head up on a frozen body, then tune both."""

import torch
from torch import nn


def epochs(count, head, features, labels, optimizer):
    for _ in range(count):
        loss = nn.functional.cross_entropy(head(features), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
body = nn.Sequential(nn.Linear(5, 8), nn.ReLU())
head = nn.Linear(8, 3)
x, labels = torch.randn(12, 5), torch.randint(0, 3, (12,))

for p in body.parameters():
    p.requires_grad = False
features = body(x)
print("warm", epochs(4, head, features, labels, torch.optim.SGD(head.parameters(), lr=0.1)))

for p in body.parameters():
    p.requires_grad = True  # expect: late-requires-grad
both = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.01)
print("tuned", epochs(4, head, features, labels, both))
