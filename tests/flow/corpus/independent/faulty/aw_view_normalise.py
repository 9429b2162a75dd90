"""A helper standardises a flattened view; the original is the target."""
import torch
from torch import nn

torch.manual_seed(0)
enc = nn.Linear(16, 4)
dec = nn.Linear(4, 16)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=1e-2)


def standardise(images):
    flat = images.view(len(images), -1)
    flat -= flat.mean()  # expect: alias-write
    return flat


for _ in range(3):
    images = torch.rand(6, 1, 4, 4) + 5.0
    code = enc(standardise(images))
    recon = dec(code).view_as(images)
    loss = nn.functional.mse_loss(recon, images)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"loss {loss.item():.3f}")
