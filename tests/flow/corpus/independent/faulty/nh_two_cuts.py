"""A reconstruction loss with two terms; each is cut in a different place."""
import torch
from torch import nn


class AutoEncoder(nn.Module):
    def __init__(self, dim, code):
        super().__init__()
        self.enc = nn.Linear(dim, code)
        self.dec = nn.Linear(code, dim)

    def forward(self, x):
        z = torch.tanh(self.enc(x))
        return {"z": z, "recon": self.dec(z)}


torch.manual_seed(0)
model = AutoEncoder(6, 2)
opt = torch.optim.Adam(model.parameters())
x = torch.randn(9, 6)
for _ in range(2):
    out = model(x)
    recon = out["recon"].data  # expect: no-history, also: unreached-parameter, also: built-then-dropped
    sparsity = out["z"].detach().abs().mean()  # expect: no-history, also: unreached-parameter, also: built-then-dropped
    loss = ((recon - x) ** 2).mean() + 0.1 * sparsity
    opt.zero_grad()
    loss.backward()
    opt.step()
