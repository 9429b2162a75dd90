"""Noise for the inputs of a denoiser."""

import torch
from torch import nn


class Denoiser(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))

    def forward(self, x):
        noisy = x.detach() + 0.1 * torch.randn_like(x)  # expect-note: redundant-detach
        return self.net(noisy)


torch.manual_seed(0)
model = Denoiser(4)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
data = torch.randn(16, 4)
for batch in data.split(4):
    loss = nn.functional.mse_loss(model(batch), batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item())
