"""Freeze the lower layers, give the optimiser what is left."""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
for layer in list(model)[:3]:
    for p in layer.parameters():
        p.requires_grad = False
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=1e-2)
x, y = torch.randn(10, 4), torch.randint(0, 2, (10,))
for epoch in range(5):
    optimizer.zero_grad()
    output = model(x)
    loss = nn.functional.cross_entropy(output, y)
    loss.backward()
    optimizer.step()
    accuracy = (output.argmax(1) == y).float().mean().item()
    print(f"{epoch}: loss {loss.item():.3f} accuracy {accuracy:.2f}")
