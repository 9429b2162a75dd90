"""VICReg on sets: permutation-invariant encoder via einsum pooling."""
import torch
from torch import nn
import torch.nn.functional as F


class DeepSet(nn.Module):
    def __init__(self, d=3, h=16, o=8):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, h))
        self.att = nn.Linear(h, 1)
        self.rho = nn.Sequential(nn.Linear(h, h), nn.ReLU(), nn.Linear(h, o))

    def forward(self, x, mask):
        h = self.phi(x)
        score = self.att(h).squeeze(-1).masked_fill(~mask, -1e9)
        return self.rho(torch.einsum("bn,bnd->bd", score.softmax(-1), h))


def off_diagonal(x):
    n, m = x.shape
    return x.flatten()[:-1].view(n - 1, n + 1)[:, 1:].flatten()


def vicreg(x, y, sim=25.0, std=25.0, cov=1.0):
    repr_loss = F.mse_loss(x, y)
    x, y = x - x.mean(0), y - y.mean(0)
    std_loss = sum(torch.mean(F.relu(1 - torch.sqrt(z.var(dim=0) + 1e-4))) / 2 for z in (x, y))
    cov_loss = sum(off_diagonal((z.T @ z) / (len(z) - 1)).pow(2).sum() / z.size(1) for z in (x, y))
    return sim * repr_loss + std * std_loss + cov * cov_loss


def main():
    torch.manual_seed(0)
    enc, exp = DeepSet(), nn.Linear(8, 12)
    opt = torch.optim.Adam([*enc.parameters(), *exp.parameters()], lr=1e-3)
    for step in range(6):
        x = torch.randn(12, 5, 3)
        m1 = torch.rand(12, 5) > 0.3
        m1[:, 0] = True
        m2 = torch.rand(12, 5) > 0.3
        m2[:, 0] = True
        loss = vicreg(exp(enc(x, m1)), exp(enc(x + 0.05 * torch.randn_like(x), m2)))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(loss.item())


if __name__ == "__main__":
    main()
