"""Spectral and weight norm through torch.nn.utils.parametrizations."""
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm, orthogonal

torch.manual_seed(0)
model = nn.Sequential(
    spectral_norm(nn.Linear(4, 8)), nn.LeakyReLU(0.1),
    weight_norm(nn.Linear(8, 8)), nn.LeakyReLU(0.1),
    orthogonal(nn.Linear(8, 8)), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(5):
    x = torch.randn(16, 4)
    target = (x[:, :1] > 0).float()
    loss = nn.functional.binary_cross_entropy_with_logits(model(x), target)
    opt.zero_grad()
    loss.backward()
    opt.step()
model.eval()
with torch.no_grad():
    sigma = torch.linalg.matrix_norm(model[0].weight, ord=2)
final = loss.item()
print(final, sigma.item())
