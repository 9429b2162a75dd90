"""A variational auto-encoder."""
import torch
from torch import nn
import torch.nn.functional as F


class VAE(nn.Module):
    def __init__(self, dim=8, latent=2):
        super().__init__()
        self.enc = nn.Linear(dim, 16)
        self.mu, self.logvar = nn.Linear(16, latent), nn.Linear(16, latent)
        self.dec = nn.Sequential(nn.Linear(latent, 16), nn.ReLU(), nn.Linear(16, dim))

    def reparameterise(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        return self.dec(self.reparameterise(mu, logvar)), mu, logvar


torch.manual_seed(0)
model = VAE()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
train_loss = 0.0
for epoch in range(5):
    x = torch.rand(16, 8)
    recon, mu, logvar = model(x)
    loss = F.binary_cross_entropy_with_logits(recon, x, reduction="sum")
    loss = loss - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    opt.zero_grad()
    loss.backward()
    train_loss += loss.item()
    opt.step()
with torch.no_grad():
    samples = torch.sigmoid(model.dec(torch.randn(4, 2)))
final = train_loss / 5
print(final, samples.shape)
