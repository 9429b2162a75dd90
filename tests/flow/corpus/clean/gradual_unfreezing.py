"""Fine-tune from the top, one block more with every epoch."""

import torch
from torch import nn

torch.manual_seed(0)
blocks = [nn.Sequential(nn.Linear(5, 5), nn.ReLU()) for _ in range(2)]
model = nn.Sequential(*blocks, nn.Linear(5, 2))
for block in blocks:
    block.requires_grad_(False)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(10, 5), torch.randint(0, 2, (10,))

for epoch in range(4):
    if epoch in (1, 2):
        blocks[2 - epoch].requires_grad_(True)
    for _ in range(2):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(epoch, loss.item(), trainable)
