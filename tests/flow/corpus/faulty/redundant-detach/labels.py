"""Classification with a very careful accuracy."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.randn(16, 4)
labels = torch.randint(0, 3, (16,))
model = nn.Linear(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, labels.detach())  # expect-note: redundant-detach
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    hits = (logits.argmax(dim=1) == labels).sum().item()
    print(loss.item(), hits / 16)
