"""k-means under no_grad, then a classifier on the cluster ids."""
import torch
from torch import nn

torch.manual_seed(0)
x = torch.cat([torch.randn(20, 2) + c for c in (0.0, 4.0, 8.0)])


@torch.no_grad()
def kmeans(x, k, iters=5):
    centers = x[torch.randperm(len(x))[:k]].clone()
    for _ in range(iters):
        assign = torch.cdist(x, centers).argmin(1)
        for j in range(k):
            members = x[assign == j]
            if len(members):
                centers[j] = members.mean(0)
    return centers, assign


centers, labels = kmeans(x, 3)
clf = nn.Linear(2, 3)
opt = torch.optim.Adam(clf.parameters(), lr=0.1)
for _ in range(10):
    loss = nn.functional.cross_entropy(clf(x), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(centers.tolist(), final)
