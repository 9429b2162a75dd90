"""Validation switches gradients off and returns early without switching on."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
x, y = torch.randn(24, 3), torch.randn(24, 1)
xv, yv = torch.randn(8, 3), torch.randn(8, 1)


def validate(best):
    model.eval()
    torch.set_grad_enabled(False)  # expect: no-history
    value = nn.functional.mse_loss(model(xv), yv).item()
    model.train()
    if value > best:
        return best
    torch.set_grad_enabled(True)
    return value


best = 0.0
for epoch in range(3):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    best = validate(best)
