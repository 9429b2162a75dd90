"""A quantised autoencoder."""

import torch
from torch import nn


class Quantizer(nn.Module):
    def __init__(self, codes, width):
        super().__init__()
        self.codebook = nn.Embedding(codes, width)

    def forward(self, z):
        distances = (z.unsqueeze(1) - self.codebook.weight).pow(2).sum(dim=2)
        index = distances.argmin(dim=1)  # expect: non-differentiable
        return self.codebook(index)


torch.manual_seed(0)
encoder, quantizer, decoder = nn.Linear(8, 3), Quantizer(5, 3), nn.Linear(3, 8)
model = nn.Sequential(encoder, quantizer, decoder)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.randn(16, 8)
for step in range(5):
    loss = nn.functional.mse_loss(model(x), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
