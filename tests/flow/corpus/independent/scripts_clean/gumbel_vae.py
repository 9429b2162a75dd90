"""Categorical VAE with Gumbel-softmax (hard sampling) and temperature annealing."""
import math
import torch
from torch import nn
import torch.nn.functional as F


class GumbelVAE(nn.Module):
    def __init__(self, d=16, n=4, k=5):
        super().__init__()
        self.n, self.k = n, k
        self.enc = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, n * k))
        self.dec = nn.Sequential(nn.Linear(n * k, 24), nn.ReLU(), nn.Linear(24, d))

    def gumbel_softmax(self, logits, temp, hard):
        u = torch.rand_like(logits)
        y = F.softmax((logits - torch.log(-torch.log(u + 1e-20) + 1e-20)) / temp, dim=-1)
        if not hard:
            return y
        idx = y.argmax(dim=-1, keepdim=True)
        y_hard = torch.zeros_like(y).scatter_(-1, idx, 1.0)
        return (y_hard - y).detach() + y

    def forward(self, x, temp, hard):
        q = self.enc(x).view(-1, self.n, self.k)
        z = self.gumbel_softmax(q, temp, hard)
        return self.dec(z.flatten(1)), F.softmax(q, dim=-1)


def loss_fn(rec, x, qy):
    bce = F.binary_cross_entropy_with_logits(rec, x, reduction="sum") / len(x)
    kld = (qy * torch.log(qy * qy.size(-1) + 1e-20)).sum((1, 2)).mean()
    return bce + kld


def main():
    torch.manual_seed(0)
    data = (torch.rand(64, 16) > 0.7).float()
    model, temp = GumbelVAE(), 1.0
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(8):
        x = data[torch.randperm(64)[:16]]
        opt.zero_grad()
        rec, qy = model(x, temp, hard=step % 2 == 1)
        loss = loss_fn(rec, x, qy)
        loss.backward()
        opt.step()
        temp = max(temp * math.exp(-0.03 * step), 0.5)
    print(loss.item(), temp)


if __name__ == "__main__":
    main()
