import random
import torch
from torch import nn
from torch.utils.data import DataLoader
from datasets import TripletBlobs
from losses import HardNegativeTripletLoss, TripletLoss


class EmbeddingNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(6, 16), nn.PReLU(), nn.Linear(16, 2))

    def forward(self, x):
        return self.fc(x)


class TripletNet(nn.Module):
    def __init__(self, embedding_net):
        super().__init__()
        self.embedding_net = embedding_net

    def forward(self, *xs):
        return tuple(self.embedding_net(x) for x in xs)

    def get_embedding(self, x):
        return self.embedding_net(x)


class FractionNonzero:
    def __init__(self):
        self.reset()

    def reset(self):
        self.values = []

    def __call__(self, dp, dn, margin):
        self.values.append(((dp - dn + margin) > 0).float().mean().item())

    def value(self):
        return sum(self.values) / max(1, len(self.values))


def fit(loader, model, loss_fn, opt, scheduler, n_epochs, metric):
    for epoch in range(n_epochs):
        metric.reset()
        model.train()
        losses = []
        for a, p, n in loader:
            opt.zero_grad()
            ea, ep, en = model(a, p, n)
            loss = loss_fn(ea, ep, en)
            losses.append(loss.item())
            loss.backward()
            opt.step()
            metric((ea - ep).pow(2).sum(1).detach(), (ea - en).pow(2).sum(1).detach(), loss_fn.margin)
        scheduler.step()
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} active {metric.value():.2f}")


if __name__ == "__main__":
    random.seed(0)
    torch.manual_seed(0)
    ds = TripletBlobs()
    model = TripletNet(EmbeddingNet())
    opt = torch.optim.Adam(model.parameters(), lr=1e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.1)
    fit(DataLoader(ds, 10, shuffle=True), model, TripletLoss(1.0), opt, sched, 3, FractionNonzero())
    hard = HardNegativeTripletLoss(0.5)
    for _ in range(3):
        opt.zero_grad()
        loss = hard(model.get_embedding(ds.x), ds.labels)
        loss.backward()
        opt.step()
    print("hard", loss.item())
