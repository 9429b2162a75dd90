"""Validation, the best weights, and a schedule that reads the loss."""

import torch
from torch import nn


def train_epoch(model, batches, optimizer):
    model.train()
    total = 0.0
    for x, y in batches:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total


def evaluate(model, batches):
    model.eval()
    total, count = torch.zeros(()), 0
    with torch.no_grad():
        for x, y in batches:
            total += nn.functional.mse_loss(model(x), y, reduction="sum")
            count += len(x)
    return total / count


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.1), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
batches = [(torch.randn(6, 3), torch.randn(6, 1)) for _ in range(3)]
held_out = [(torch.randn(6, 3), torch.randn(6, 1)) for _ in range(2)]
best, weights = float("inf"), None
for epoch in range(4):
    trained, validated = train_epoch(model, batches, optimizer), evaluate(model, held_out)
    scheduler.step()
    if validated < best:
        best = validated.item()
        weights = {k: v.detach().clone() for k, v in model.state_dict().items()}
    print(epoch, trained, validated.item())
model.load_state_dict(weights)
print("best", best, evaluate(model, held_out).item())
