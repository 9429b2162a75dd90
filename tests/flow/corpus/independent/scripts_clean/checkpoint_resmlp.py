"""Residual MLP trained with activation checkpointing, SWA and BN update."""
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
from torch.utils.data import DataLoader, TensorDataset


class ResBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.BatchNorm1d(d)
        self.fc1, self.fc2 = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        return x + self.fc2(torch.relu(self.fc1(self.norm(x))))


class ResMLP(nn.Module):
    def __init__(self, d=8, depth=3, use_checkpoint=True):
        super().__init__()
        self.stem = nn.Linear(5, d)
        self.blocks = nn.ModuleList(ResBlock(d) for _ in range(depth))
        self.tail = nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, d), nn.Tanh())
        self.head = nn.Linear(d, 1)
        self.use_checkpoint = use_checkpoint

    def forward(self, x):
        x = self.stem(x)
        for b in self.blocks:
            x = checkpoint(b, x, use_reentrant=False) if self.use_checkpoint and self.training else b(x)
        if self.training:
            x = checkpoint_sequential(self.tail, 2, x, use_reentrant=False)
        else:
            x = self.tail(x)
        return self.head(x)


def main():
    torch.manual_seed(0)
    X = torch.randn(64, 5)
    Y = X.sin().sum(1, keepdim=True)
    loader = DataLoader(TensorDataset(X, Y), 16, shuffle=True)
    model = ResMLP()
    swa_model = AveragedModel(model)
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    swa_sched = SWALR(opt, swa_lr=0.01, anneal_epochs=1)
    cos = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 4)
    for epoch in range(4):
        model.train()
        for x, y in loader:
            opt.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            opt.step()
        if epoch >= 2:
            swa_model.update_parameters(model)
            swa_sched.step()
        else:
            cos.step()
        print(epoch, loss.item())
    update_bn(loader, swa_model)
    swa_model.eval()
    with torch.no_grad():
        print("swa", nn.functional.mse_loss(swa_model(X), Y).item())


if __name__ == "__main__":
    main()
