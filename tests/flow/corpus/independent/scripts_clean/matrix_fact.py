"""Matrix factorisation with biases and sparse embeddings (recommender tutorial)."""
import argparse
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MF(nn.Module):
    def __init__(self, n_users, n_items, k=4):
        super().__init__()
        self.user = nn.Embedding(n_users, k, sparse=True)
        self.item = nn.Embedding(n_items, k, sparse=True)
        self.user_bias = nn.Embedding(n_users, 1, sparse=True)
        self.item_bias = nn.Embedding(n_items, 1, sparse=True)
        self.mu = nn.Parameter(torch.zeros(1))
        self.user.weight.data.uniform_(-0.05, 0.05)
        self.item.weight.data.uniform_(-0.05, 0.05)
        self.user_bias.weight.data.zero_()
        self.item_bias.weight.data.zero_()

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(1)
        return dot + self.user_bias(u).squeeze() + self.item_bias(i).squeeze() + self.mu


def rmse(model, loader):
    model.eval()
    se, n = 0.0, 0
    for u, i, r in loader:
        with torch.no_grad():
            se += ((model(u, i) - r) ** 2).sum().item()
            n += len(r)
    return (se / n) ** 0.5


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=3)
    args = ap.parse_args()
    torch.manual_seed(0)
    u, i = torch.randint(0, 20, (120,)), torch.randint(0, 15, (120,))
    r = 3 + torch.randn(120)
    ds = TensorDataset(u, i, r)
    tr, te = torch.utils.data.random_split(ds, [100, 20])
    tr, te = DataLoader(tr, 20, shuffle=True), DataLoader(te, 20)
    model = MF(20, 15)
    sparse = [p for n, p in model.named_parameters() if n != "mu"]
    opts = [torch.optim.SparseAdam(sparse, lr=0.01), torch.optim.SGD([model.mu], lr=0.1)]
    for epoch in range(args.epochs):
        model.train()
        for ub, ib, rb in tr:
            for o in opts:
                o.zero_grad()
            loss = ((model(ub, ib) - rb) ** 2).mean()
            loss.backward()
            for o in opts:
                o.step()
        print(epoch, rmse(model, tr), rmse(model, te))


if __name__ == "__main__":
    main()
