"""Variational autoencoder with KL annealing and a held-out ELBO."""
from dataclasses import dataclass
import torch
from torch import nn, Tensor
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset, random_split


@dataclass
class Config:
    x_dim: int = 20
    h_dim: int = 16
    z_dim: int = 3
    epochs: int = 4
    lr: float = 1e-3
    batch: int = 16
    warmup: int = 3


class VAE(nn.Module):
    def __init__(self, cfg: Config):
        super().__init__()
        self.enc = nn.Linear(cfg.x_dim, cfg.h_dim)
        self.mu = nn.Linear(cfg.h_dim, cfg.z_dim)
        self.logvar = nn.Linear(cfg.h_dim, cfg.z_dim)
        self.dec1 = nn.Linear(cfg.z_dim, cfg.h_dim)
        self.dec2 = nn.Linear(cfg.h_dim, cfg.x_dim)

    def encode(self, x: Tensor):
        h = F.relu(self.enc(x))
        return self.mu(h), self.logvar(h)

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        if self.training:
            std = torch.exp(0.5 * logvar)
            return mu + torch.randn_like(std) * std
        return mu

    def decode(self, z: Tensor) -> Tensor:
        return self.dec2(F.relu(self.dec1(z)))

    def forward(self, x: Tensor):
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def elbo_terms(logits, x, mu, logvar):
    bce = F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / x.size(0)
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / x.size(0)
    return bce, torch.tensor(kld.item())  # expect: left-the-graph


def run_epoch(model, loader, cfg, beta, opt=None):
    total = {"bce": 0.0, "kld": 0.0}
    for (x,) in loader:
        logits, mu, logvar = model(x)
        bce, kld = elbo_terms(logits, x, mu, logvar)
        loss = bce + beta * kld
        if opt is not None:
            opt.zero_grad()
            loss.backward()
            opt.step()
        total["bce"] += bce.item()
        total["kld"] += kld.item()
    return {k: v / len(loader) for k, v in total.items()}


def main():
    cfg = Config()
    torch.manual_seed(7)
    data = (torch.rand(80, cfg.x_dim) > 0.6).float()
    train_set, val_set = random_split(TensorDataset(data), [64, 16])
    train_loader = DataLoader(train_set, cfg.batch, shuffle=True)
    val_loader = DataLoader(val_set, cfg.batch)
    model = VAE(cfg)
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        beta = min(1.0, (epoch + 1) / cfg.warmup)
        model.train()
        tr = run_epoch(model, train_loader, cfg, beta, opt)
        model.eval()
        with torch.no_grad():
            va = run_epoch(model, val_loader, cfg, 1.0)
        print(epoch, beta, tr, va)
    with torch.inference_mode():
        z = torch.randn(4, cfg.z_dim)
        print("samples", torch.sigmoid(model.decode(z)).mean().item())


if __name__ == "__main__":
    main()
