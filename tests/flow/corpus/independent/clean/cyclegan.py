"""CycleGAN: two generators, two discriminators and an image pool."""
import itertools
import random
import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)


def mlp():
    return nn.Sequential(nn.Linear(3, 12), nn.ReLU(), nn.Linear(12, 3))


G_ab, G_ba = mlp(), mlp()
D_a, D_b = nn.Linear(3, 1), nn.Linear(3, 1)
g_opt = torch.optim.Adam(itertools.chain(G_ab.parameters(), G_ba.parameters()), lr=1e-3)
d_opt = torch.optim.Adam(itertools.chain(D_a.parameters(), D_b.parameters()), lr=1e-3)
mse, l1 = nn.MSELoss(), nn.L1Loss()
pool = []


def query(fake):
    fake = fake.detach()
    pool.append(fake)
    return random.choice(pool[-5:])


def set_requires_grad(nets, flag):
    for net in nets:
        for p in net.parameters():
            p.requires_grad = flag


for step in range(4):
    a, b = torch.randn(8, 3), torch.randn(8, 3) + 2
    set_requires_grad([D_a, D_b], False)
    fake_b, fake_a = G_ab(a), G_ba(b)
    g_loss = mse(D_b(fake_b), torch.ones(8, 1)) + mse(D_a(fake_a), torch.ones(8, 1))
    g_loss = g_loss + 10 * (l1(G_ba(fake_b), a) + l1(G_ab(fake_a), b))
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    set_requires_grad([D_a, D_b], True)
    d_opt.zero_grad()
    for D, real, fake in ((D_a, a, fake_a.detach()), (D_b, b, query(fake_b))):
        d_loss = 0.5 * (mse(D(real), torch.ones(8, 1)) + mse(D(fake), torch.zeros(8, 1)))
        d_loss.backward()
    d_opt.step()
final = g_loss.item()
print(final, d_loss.item())
