"""A variational autoencoder with its two losses logged apart."""

import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(8, 4)
        self.decode = nn.Linear(2, 8)

    def forward(self, x):
        mu, logvar = self.encode(x).chunk(2, dim=1)
        z = mu + torch.randn_like(mu) * (0.5 * logvar).exp()
        return self.decode(z), mu, logvar


def losses(recon, x, mu, logvar):
    terms = {"bce": F.binary_cross_entropy_with_logits(recon, x)}
    terms["kld"] = -0.5 * (1 + logvar - mu**2 - logvar.exp()).mean().item()  # expect: left-the-graph
    return terms


torch.manual_seed(0)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.rand(10, 8)
for _ in range(5):
    recon, mu, logvar = model(x)
    terms = losses(recon, x, mu, logvar)
    loss = sum(terms.values())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(terms["bce"].item(), terms["kld"])
