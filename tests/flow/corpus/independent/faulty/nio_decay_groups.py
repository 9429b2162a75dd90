"""Weight-decay groups: the helper keeps only the matrices."""
import torch
from torch import nn


def groups(model, decay):
    chosen = []
    for name, p in model.named_parameters():
        if p.ndim < 2:
            continue
        chosen.append(p)
    return [{"params": chosen, "weight_decay": decay}]


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 1))
opt = torch.optim.AdamW(groups(model, 0.01), lr=1e-2)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(4):
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()  # expect: not-in-optimizer
    opt.step()
