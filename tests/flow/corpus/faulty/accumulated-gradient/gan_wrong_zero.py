"""A GAN in which one zero_grad was pasted twice."""

import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3))
discriminator = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt_g = torch.optim.SGD(generator.parameters(), lr=0.05)
opt_d = torch.optim.SGD(discriminator.parameters(), lr=0.05)
bce = nn.functional.binary_cross_entropy_with_logits

for _ in range(5):
    real = torch.randn(6, 3) + 1
    fake = generator(torch.randn(6, 2))

    opt_d.zero_grad()
    loss_d = bce(discriminator(real), torch.ones(6, 1))
    loss_d = loss_d + bce(discriminator(fake.detach()), torch.zeros(6, 1))
    loss_d.backward()
    opt_d.step()

    opt_d.zero_grad()
    loss_g = bce(discriminator(fake), torch.ones(6, 1))
    loss_g.backward()
    opt_g.step()  # expect: accumulated-gradient
    print(loss_d.item(), loss_g.item())
