"""CycleGAN on point clouds with image pools and one G optimiser over both generators."""
import itertools
import random
import torch
from torch import nn


def mlp(i, o, h=16):
    return nn.Sequential(nn.Linear(i, h), nn.ReLU(True), nn.Linear(h, o))


class ImagePool:
    def __init__(self, size=16):
        self.size, self.images = size, []

    def query(self, images):
        out = []
        for im in images:
            im = torch.unsqueeze(im.data, 0)
            if len(self.images) < self.size:
                self.images.append(im)
                out.append(im)
            elif random.random() > 0.5:
                k = random.randrange(self.size)
                tmp = self.images[k].clone()
                self.images[k] = im
                out.append(tmp)
            else:
                out.append(im)
        return torch.cat(out, 0)


class CycleGAN:
    def __init__(self, lr=2e-4):
        self.G_A, self.G_B, self.D_A, self.D_B = mlp(2, 2), mlp(2, 2), mlp(2, 1), mlp(2, 1)
        self.pool_A, self.pool_B = ImagePool(), ImagePool()
        self.mse, self.l1 = nn.MSELoss(), nn.L1Loss()
        self.opt_G = torch.optim.Adam(itertools.chain(self.G_A.parameters(), self.G_B.parameters()), lr)
        self.opt_D = torch.optim.Adam(itertools.chain(self.D_A.parameters(), self.D_B.parameters()), lr)

    def set_requires_grad(self, nets, flag):
        for net in nets:
            for p in net.parameters():
                p.requires_grad = flag

    def gan(self, pred, real):
        return self.mse(pred, torch.ones_like(pred) if real else torch.zeros_like(pred))

    def forward(self, a, b):
        self.real_A, self.real_B = a, b
        self.fake_B = self.G_A(a)
        self.rec_A = self.G_B(self.fake_B)
        self.fake_A = self.G_B(b)
        self.rec_B = self.G_A(self.fake_A)

    def backward_D_basic(self, D, real, fake):
        loss = (self.gan(D(real), True) + self.gan(D(fake.detach()), False)) * 0.5
        loss.backward()
        return loss

    def backward_G(self, lam=10.0):
        idt = self.l1(self.G_A(self.real_B), self.real_B) + self.l1(self.G_B(self.real_A), self.real_A)
        adv = self.gan(self.D_A(self.fake_B), True) + self.gan(self.D_B(self.fake_A), True)
        cyc = self.l1(self.rec_A, self.real_A) + self.l1(self.rec_B, self.real_B)
        self.loss_G = adv + lam * cyc + 0.5 * lam * idt
        self.loss_G.backward()

    def optimize_parameters(self, a, b):
        self.forward(a, b)
        self.set_requires_grad([self.D_A, self.D_B], False)
        self.opt_G.zero_grad()
        self.backward_G()
        self.opt_G.step()
        self.set_requires_grad([self.D_A, self.D_B], True)
        self.opt_D.zero_grad()
        self.loss_D_A = self.backward_D_basic(self.D_A, self.real_B, self.pool_B.query(self.fake_B))
        self.loss_D_B = self.backward_D_basic(self.D_B, self.real_A, self.pool_A.query(self.fake_A))
        self.opt_D.step()


def main():
    random.seed(0)
    torch.manual_seed(0)
    model = CycleGAN()
    for it in range(5):
        model.optimize_parameters(torch.randn(8, 2), torch.randn(8, 2) * 0.5 + 1)
        print(it, {k: round(float(getattr(model, k)), 4) for k in ("loss_G", "loss_D_A", "loss_D_B")})


if __name__ == "__main__":
    main()
