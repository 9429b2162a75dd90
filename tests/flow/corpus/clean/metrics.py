"""A training loop that logs whatever it can."""

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(12, 1, 6, 6), torch.randint(0, 3, (12,))
history = {"loss": [], "accuracy": [], "confidence": [], "norm": []}
confusion = np.zeros((3, 3), dtype=int)

for epoch in range(5):
    logits = model(x)
    loss = nn.functional.cross_entropy(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    probabilities = torch.softmax(logits.detach(), dim=1)
    predicted = logits.argmax(dim=1)
    history["loss"].append(loss.item())
    history["accuracy"].append((predicted == y).float().mean().item())
    history["confidence"].append(float(probabilities.max(dim=1).values.mean()))
    history["norm"].append(sum(p.grad.norm().item() for p in model.parameters()))
    for truth, guess in zip(y.tolist(), predicted.numpy()):
        confusion[truth, guess] += 1
best = min(history["loss"])
print({k: np.round(v, 3).tolist() for k, v in history.items()}, best, confusion.trace())
