"""A signal loss is computed by a numpy helper in another file."""
import torch
from torch import nn
from helper_ltg_numpy_helper import spectral_distance

torch.manual_seed(0)
filt = nn.Conv1d(1, 1, 3, padding=1)
opt = torch.optim.Adam(filt.parameters(), lr=1e-2)
noisy = torch.randn(2, 1, 16)
clean = torch.sin(torch.linspace(0, 6, 16)).expand(2, 1, 16)
for step in range(3):
    out = filt(noisy)
    loss = spectral_distance(out, clean)
    opt.zero_grad()
    loss.backward()
    opt.step()
