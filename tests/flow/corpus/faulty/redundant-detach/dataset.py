"""A dataset that detaches every sample."""

import torch
from torch import nn


class Pairs:
    def __init__(self, count):
        self.x = torch.randn(count, 3)
        self.y = self.x.sum(dim=1, keepdim=True)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


def collate(samples):
    xs = [x.detach() for x, _ in samples]  # expect-note: redundant-detach
    ys = [y.detach() for _, y in samples]  # expect-note: redundant-detach
    return torch.stack(xs), torch.stack(ys)


torch.manual_seed(0)
data = Pairs(12)
model = nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for start in range(0, len(data), 4):
    x, y = collate([data[i] for i in range(start, start + 4)])
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
