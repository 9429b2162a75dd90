"""A two-tower model: both towers are embedded in a 'fast' block."""
import torch
from torch import nn

torch.manual_seed(1)
users, items = nn.Embedding(10, 4), nn.Embedding(12, 4)
params = [*users.parameters(), *items.parameters()]
opt = torch.optim.Adagrad(params, lr=0.1)
u = torch.randint(0, 10, (20,))
i = torch.randint(0, 12, (20,))
r = torch.rand(20)


def predict(u, i):
    with torch.inference_mode():  # expect: no-history, also: unreached-parameter
        score = (users(u) * items(i)).sum(-1)  # or: no-history
    return torch.sigmoid(score.clone())


for _ in range(3):
    loss = (predict(u, i) - r).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
