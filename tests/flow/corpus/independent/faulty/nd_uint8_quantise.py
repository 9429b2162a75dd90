"""An image auto-encoder quantises its code to bytes in between."""
import torch
from torch import nn

torch.manual_seed(0)
enc = nn.Conv2d(1, 2, 3, padding=1)
dec = nn.Conv2d(2, 1, 3, padding=1)
steps = {"encode": lambda t: torch.sigmoid(enc(t)),
         "bytes": lambda t: (t * 255).to(torch.uint8),  # expect: non-differentiable, also: unreached-parameter, also: built-then-dropped
         "floats": lambda t: t.to(torch.float32) / 255,
         "decode": lambda t: dec(t)}
opt = torch.optim.Adam(list(enc.parameters()) + list(dec.parameters()), lr=1e-3)
images = torch.rand(4, 1, 6, 6)
for epoch in range(3):
    out = images
    for name, fn in steps.items():
        out = fn(out)
    loss = nn.functional.mse_loss(out, images)
    opt.zero_grad()
    loss.backward()
    opt.step()
