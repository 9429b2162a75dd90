"""VQ-VAE: nearest code, straight-through estimator, commitment loss."""
import torch
from torch import nn
import torch.nn.functional as F


class Quantizer(nn.Module):
    def __init__(self, n, d, beta=0.25):
        super().__init__()
        self.codes = nn.Embedding(n, d)
        self.beta = beta

    def forward(self, z):
        with torch.no_grad():
            idx = torch.cdist(z, self.codes.weight).argmin(dim=1)
        q = self.codes(idx)
        loss = F.mse_loss(q, z.detach()) + self.beta * F.mse_loss(z, q.detach())
        q = z + (q - z).detach()
        return q, loss, idx


torch.manual_seed(0)
enc, dec, vq = nn.Linear(8, 4), nn.Linear(4, 8), Quantizer(6, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *vq.parameters()], lr=1e-2)
for step in range(5):
    x = torch.randn(32, 8)
    q, vq_loss, idx = vq(enc(x))
    recon = F.mse_loss(dec(q), x)
    loss = recon + vq_loss
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final, "codes used", idx.unique().numel())
