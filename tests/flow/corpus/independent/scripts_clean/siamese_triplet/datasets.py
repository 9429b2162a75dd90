import random
import torch
from torch.utils.data import Dataset


class TripletBlobs(Dataset):
    def __init__(self, n=40, classes=4, dim=6, seed=0):
        g = torch.Generator().manual_seed(seed)
        self.labels = torch.arange(n) % classes
        centers = torch.randn(classes, dim, generator=g) * 2
        self.x = centers[self.labels] + torch.randn(n, dim, generator=g)
        self.by_class = {c: (self.labels == c).nonzero().flatten().tolist() for c in range(classes)}

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        c = self.labels[i].item()
        pos = random.choice([j for j in self.by_class[c] if j != i])
        neg = random.choice(self.by_class[random.choice([k for k in self.by_class if k != c])])
        return self.x[i], self.x[pos], self.x[neg]
