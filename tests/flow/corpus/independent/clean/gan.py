"""A GAN whose discriminator step detaches the fakes."""
import torch
from torch import nn

torch.manual_seed(0)
G = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
D = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
d_opt = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
criterion = nn.BCEWithLogitsLoss()
for step in range(5):
    real = torch.randn(16, 2) * 0.5 + 2
    d_opt.zero_grad()
    loss_real = criterion(D(real), torch.ones(16, 1))
    loss_real.backward()
    fake = G(torch.randn(16, 4))
    loss_fake = criterion(D(fake.detach()), torch.zeros(16, 1))
    loss_fake.backward()
    d_opt.step()

    g_opt.zero_grad()
    g_loss = criterion(D(fake), torch.ones(16, 1))
    g_loss.backward()
    g_opt.step()
final = g_loss.item()
print(f"D {loss_real.item() + loss_fake.item():.3f} G {final:.3f}")
