"""A triplet network with semi-hard mining under no_grad."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
criterion = nn.TripletMarginLoss(margin=0.5)


def mine(emb, labels):
    with torch.no_grad():
        d = torch.cdist(emb, emb)
        same = labels[:, None] == labels[None, :]
        pos = d.masked_fill(~same, -1).argmax(1)
        neg = d.masked_fill(same, 1e9).argmin(1)
    return pos, neg


for _ in range(5):
    labels = torch.arange(12) % 3
    x = torch.randn(12, 4) + labels[:, None]
    emb = net(x)
    pos, neg = mine(emb, labels)
    loss = criterion(emb, emb[pos], emb[neg])
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
