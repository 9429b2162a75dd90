"""Warm-up then decay; weight decay by hand in the loss."""
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau

torch.manual_seed(0)
model = nn.Linear(6, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
warm = LambdaLR(opt, lambda e: min(1.0, (e + 1) / 3))
plateau = ReduceLROnPlateau(opt, patience=1, factor=0.5)
x = torch.randn(40, 6)
y = x @ torch.randn(6, 1)
xv, yv = x[30:], y[30:]
x, y = x[:30], y[:30]
for epoch in range(8):
    fit = nn.functional.mse_loss(model(x), y)
    decay = sum(p.pow(2).sum() for p in model.parameters())
    loss = fit + 1e-4 * decay
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(xv), yv)
    if epoch < 3:
        warm.step()
    else:
        plateau.step(val)
final = val.item()
print(final, opt.param_groups[0]["lr"])
