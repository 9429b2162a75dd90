"""Bootstrap your own latent: the target network follows the online network."""

import copy

import torch
from torch import nn


class BYOL(nn.Module):
    def __init__(self):
        super().__init__()
        self.online = nn.Sequential(nn.Linear(6, 2048), nn.ReLU(), nn.Linear(2048, 4))
        self.predictor = nn.Linear(4, 4)
        self.target = copy.deepcopy(self.online)

    def forward(self, one, two):
        predicted = self.predictor(self.online(one))
        wanted = self.target(two).detach()  # expect: built-then-dropped
        return 1 - nn.functional.cosine_similarity(predicted, wanted, dim=1).mean()

    @torch.no_grad()
    def follow(self, rate=0.1):
        for mine, theirs in zip(self.target.parameters(), self.online.parameters()):
            mine.lerp_(theirs, rate)


torch.manual_seed(0)
model = BYOL()
learned = [*model.online.parameters(), *model.predictor.parameters()]
optimizer = torch.optim.SGD(learned, lr=0.1)
for _ in range(3):
    x = torch.randn(2048, 6)
    loss = model(x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.follow()
    print(loss.item())
