"""A vector-quantised autoencoder."""

import torch
from torch import nn
from torch.nn import functional as F


class Quantizer(nn.Module):
    def __init__(self, codes, width):
        super().__init__()
        self.codebook = nn.Embedding(codes, width)
        self.codebook.weight.data.uniform_(-1 / codes, 1 / codes)

    def forward(self, z):
        codes = self.codebook.weight
        distances = z.pow(2).sum(1, keepdim=True) - 2 * z @ codes.t() + codes.pow(2).sum(1)
        index = distances.argmin(dim=1)
        q = self.codebook(index)
        loss = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        return z + (q - z).detach(), loss, index


torch.manual_seed(0)
encoder, quantizer, decoder = nn.Linear(8, 3), Quantizer(6, 3), nn.Linear(3, 8)
parameters = [*encoder.parameters(), *quantizer.parameters(), *decoder.parameters()]
optimizer = torch.optim.Adam(parameters, lr=1e-2)
x = torch.randn(20, 8)
for step in range(6):
    q, vq_loss, index = quantizer(encoder(x))
    loss = F.mse_loss(decoder(q), x) + vq_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item(), index.unique().numel())
