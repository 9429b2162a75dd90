"""BYOL: online/target networks; the target is never frozen, only run under no_grad."""
import copy
import torch
from torch import nn
import torch.nn.functional as F


def MLP(i, h, o):
    return nn.Sequential(nn.Linear(i, h), nn.BatchNorm1d(h), nn.ReLU(inplace=True), nn.Linear(h, o))


def set_requires_grad(model, val):
    for p in model.parameters():
        p.requires_grad = val


class EMA:
    def __init__(self, beta):
        self.beta = beta

    def update_average(self, old, new):
        return old * self.beta + (1 - self.beta) * new


def update_moving_average(ema, ma_model, current_model):
    for cur, ma in zip(current_model.parameters(), ma_model.parameters()):
        old, up = ma.data, cur.data
        ma.data = ema.update_average(old, up)


def loss_fn(x, y):
    x, y = F.normalize(x, dim=-1, p=2), F.normalize(y, dim=-1, p=2)
    return 2 - 2 * (x * y).sum(dim=-1)


class BYOL(nn.Module):
    def __init__(self, dim=8, hid=16, proj=6):
        super().__init__()
        self.online_encoder = MLP(dim, hid, proj)
        self.target_encoder = None
        self.online_predictor = MLP(proj, hid, proj)
        self.target_ema_updater = EMA(0.9)

    def _get_target_encoder(self):
        if self.target_encoder is None:
            self.target_encoder = copy.deepcopy(self.online_encoder)
            set_requires_grad(self.target_encoder, False)
        return self.target_encoder

    def update_moving_average(self):
        update_moving_average(self.target_ema_updater, self.target_encoder, self.online_encoder)

    def forward(self, one, two):
        pred = self.online_predictor(self.online_encoder(torch.cat((one, two))))
        p1, p2 = pred.chunk(2, dim=0)
        with torch.no_grad():
            t = self._get_target_encoder()(torch.cat((one, two))).detach()
            t1, t2 = t.chunk(2, dim=0)
        return (loss_fn(p1, t2.detach()) + loss_fn(p2, t1.detach())).mean()


if __name__ == "__main__":
    torch.manual_seed(0)
    learner = BYOL()
    opt = torch.optim.Adam(learner.online_encoder.parameters(), lr=3e-3)
    for step in range(6):
        x = torch.randn(16, 8)
        loss = learner(x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x))
        opt.zero_grad()
        loss.backward()  # expect: not-in-optimizer
        opt.step()
        learner.update_moving_average()
        print(step, f"{loss.item():.4f}")
