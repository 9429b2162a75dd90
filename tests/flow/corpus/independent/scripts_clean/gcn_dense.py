"""GCN (Kipf) with dense adjacency, train/val/test masks."""
import argparse
import math
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.parameter import Parameter


class GraphConvolution(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.weight = Parameter(torch.FloatTensor(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.FloatTensor(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.weight.size(1))
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, x, adj):
        out = adj @ (x @ self.weight)
        return out + self.bias if self.bias is not None else out


class GCN(nn.Module):
    def __init__(self, nfeat, nhid, nclass, dropout):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.gc2 = GraphConvolution(nhid, nclass, bias=False)
        self.dropout = dropout

    def forward(self, x, adj):
        x = F.relu(self.gc1(x, adj))
        x = F.dropout(x, self.dropout, training=self.training)
        return F.log_softmax(self.gc2(x, adj), dim=1)


def accuracy(output, labels):
    preds = output.max(1)[1].type_as(labels)
    return preds.eq(labels).double().sum() / len(labels)


def load_data(n=30):
    labels = torch.arange(n) % 3
    same = labels[:, None] == labels[None]
    adj = (torch.rand(n, n) < torch.where(same, 0.5, 0.05)).float()
    adj = ((adj + adj.t() + torch.eye(n)) > 0).float()
    d = adj.sum(1).pow(-0.5)
    return d[:, None] * adj * d[None], torch.randn(n, 8) + F.one_hot(labels, 8), labels


def train(epoch, model, optimizer, adj, features, labels, idx_train, idx_val):
    t = time.time()
    model.train()
    optimizer.zero_grad()
    output = model(features, adj)
    loss_train = F.nll_loss(output[idx_train], labels[idx_train])
    acc_train = accuracy(output[idx_train], labels[idx_train])
    loss_train.backward()
    optimizer.step()
    model.eval()
    with torch.no_grad():
        output = model(features, adj)
    loss_val = F.nll_loss(output[idx_val], labels[idx_val])
    print(f"Epoch {epoch} loss {loss_train.item():.4f} acc {acc_train.item():.3f} "
          f"val {loss_val.item():.4f} time {time.time() - t:.3f}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--epochs", type=int, default=5)
    ap.add_argument("--hidden", type=int, default=8)
    args = ap.parse_args()
    torch.manual_seed(42)
    adj, features, labels = load_data()
    perm = torch.randperm(len(labels))
    model = GCN(8, args.hidden, 3, 0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    for epoch in range(args.epochs):
        train(epoch, model, optimizer, adj, features, labels, perm[:15], perm[15:20])
    model.eval()
    with torch.no_grad():
        print("test", accuracy(model(features, adj)[perm[20:]], labels[perm[20:]]).item())


if __name__ == "__main__":
    main()
