"""Trainer class with gradient accumulation, warmup LambdaLR, EMA and callbacks."""
import argparse
import os
import tempfile
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from callbacks import CSVLogger, History, StopAt
from registry import MODELS


class ModelEMA:
    def __init__(self, model, decay):
        self.decay = decay
        self.shadow = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def update(self, model):
        for k, v in model.state_dict().items():
            self.shadow[k].mul_(self.decay).add_(v, alpha=1 - self.decay)

    def apply_to(self, model):
        backup = {k: v.clone() for k, v in model.state_dict().items()}
        model.load_state_dict(self.shadow)
        return backup


class Trainer:
    def __init__(self, args, model, train_dl, val_dl, callbacks):
        self.args, self.model = args, model
        self.train_dl, self.val_dl, self.callbacks = train_dl, val_dl, callbacks
        self.opt = torch.optim.AdamW(model.parameters(), lr=args.lr)
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, lambda s: min(1.0, (s + 1) / 4))
        self.loss_fn = nn.MSELoss()
        self.ema = ModelEMA(model, 0.9)
        self.should_stop = False

    def train_epoch(self):
        self.model.train()
        running = 0.0
        self.opt.zero_grad(set_to_none=True)
        for i, (x, y) in enumerate(self.train_dl):
            loss = self.loss_fn(self.model(x), y) / self.args.accum
            loss.backward()
            running = running + loss * self.args.accum  # expect: graph-growth
            if (i + 1) % self.args.accum == 0 or i + 1 == len(self.train_dl):
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.opt.step()
                self.sched.step()
                self.opt.zero_grad(set_to_none=True)
                self.ema.update(self.model)
        return running / len(self.train_dl)

    @torch.no_grad()
    def validate(self):
        self.model.eval()
        backup = self.ema.apply_to(self.model)
        total = sum(self.loss_fn(self.model(x), y).item() for x, y in self.val_dl)
        self.model.load_state_dict(backup)
        return total / len(self.val_dl)

    def fit(self):
        for epoch in range(self.args.epochs):
            logs = {"epoch": epoch, "train": float(self.train_epoch()), "val": self.validate()}
            for cb in self.callbacks:
                cb.on_epoch_end(self, logs)
            if self.should_stop:
                break
        torch.save({"model": self.model.state_dict(), "ema": self.ema.shadow},
                   os.path.join(tempfile.mkdtemp(), "last.pt"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--model", default="mlp", choices=sorted(MODELS))
    p.add_argument("--lr", type=float, default=1e-2)
    p.add_argument("--epochs", type=int, default=3)
    p.add_argument("--accum", type=int, default=2)
    args = p.parse_args()
    torch.manual_seed(0)
    X = torch.randn(80, 4)
    Y = X @ torch.randn(4, 2)
    tr = DataLoader(TensorDataset(X[:56], Y[:56]), 8, shuffle=True)
    va = DataLoader(TensorDataset(X[56:], Y[56:]), 8)
    csv, hist = CSVLogger(), History()
    Trainer(args, MODELS[args.model](4, 2), tr, va, [csv, hist, StopAt("val", 1e-3)]).fit()
    print("\n".join(csv.rows))


if __name__ == "__main__":
    main()
