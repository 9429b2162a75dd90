"""Instance discrimination with a feature memory bank and k-NN evaluation."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Indexed(Dataset):
    def __init__(self, n=40):
        self.y = torch.arange(n) % 4
        self.x = torch.randn(n, 6) + 2 * F.one_hot(self.y, 6)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return i, self.x[i] + 0.1 * torch.randn(6), self.y[i]


class MemoryBank:
    def __init__(self, n, d, momentum=0.5):
        self.features = F.normalize(torch.randn(n, d), dim=1)
        self.labels = torch.zeros(n, dtype=torch.long)
        self.m = momentum

    @torch.no_grad()
    def update(self, idx, feats, labels):
        new = self.m * self.features[idx] + (1 - self.m) * feats
        self.features[idx] = F.normalize(new, dim=1)
        self.labels[idx] = labels

    def knn(self, q, k=5):
        _, nn_idx = (q @ self.features.t()).topk(k, dim=1)
        return torch.mode(self.labels[nn_idx], dim=1).values


def main():
    torch.manual_seed(0)
    ds = Indexed()
    bank = MemoryBank(len(ds), 8)
    net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 8))
    opt = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    for epoch in range(3):
        net.train()
        for idx, x, y in DataLoader(ds, 10, shuffle=True):
            z = F.normalize(net(x), dim=1)
            loss = F.cross_entropy(z @ bank.features.t().clone() / 0.1, idx)
            opt.zero_grad()
            loss.backward()
            opt.step()
            bank.update(idx, z, y)
        net.eval()
        with torch.no_grad():
            acc = (bank.knn(F.normalize(net(ds.x), dim=1)) == ds.y).float().mean()
        print(epoch, loss.item(), acc.item())


if __name__ == "__main__":
    main()
