"""Co-teaching: two networks pick small-loss samples for each other."""
import torch
from torch import nn
import torch.nn.functional as F


def loss_coteaching(y1, y2, t, forget_rate):
    l1 = F.cross_entropy(y1, t, reduction="none")
    ind1 = torch.argsort(l1.data)
    l2 = F.cross_entropy(y2, t, reduction="none")
    ind2 = torch.argsort(l2.data)
    n = int((1 - forget_rate) * len(t))
    up1, up2 = ind1[:n], ind2[:n]
    return F.cross_entropy(y1[up2], t[up2]), F.cross_entropy(y2[up1], t[up1])


def make_net():
    return nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(), nn.BatchNorm1d(16), nn.Linear(16, 3))


def main():
    torch.manual_seed(0)
    Y = torch.randint(0, 3, (60,))
    X = torch.randn(60, 6) + F.one_hot(Y, 6) * 2
    noisy = torch.where(torch.rand(60) < 0.2, torch.randint(0, 3, (60,)), Y)
    m1, m2 = make_net(), make_net()
    o1, o2 = torch.optim.Adam(m1.parameters(), 1e-2), torch.optim.Adam(m2.parameters(), 1e-2)
    for epoch in range(3):
        rate = min(0.2, 0.1 * epoch)
        m1.train()
        m2.train()
        for s in range(0, 60, 20):
            x, t = X[s:s + 20], noisy[s:s + 20]
            a, b = loss_coteaching(m1(x), m2(x), t, rate)
            o1.zero_grad()
            a.backward()
            o1.step()
            o2.zero_grad()
            b.backward()
            o2.step()
        m1.eval()
        m2.eval()
        with torch.no_grad():
            print(epoch, [(m(X).argmax(1) == Y).float().mean().item() for m in (m1, m2)])


if __name__ == "__main__":
    main()
