"""Tiny U-Net segmentation with Dice + BCE and an IoU metric."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True),
                                 nn.Conv2d(o, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.net(x)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.inc, self.down, self.bottom = DoubleConv(1, 4), DoubleConv(4, 8), DoubleConv(8, 8)
        self.up1, self.dec1 = nn.ConvTranspose2d(8, 8, 2, stride=2), DoubleConv(16, 4)
        self.up2, self.dec2 = nn.ConvTranspose2d(4, 4, 2, stride=2), DoubleConv(8, 4)
        self.outc = nn.Conv2d(4, 1, 1)

    def forward(self, x):
        x1 = self.inc(x)
        x2 = self.down(F.max_pool2d(x1, 2))
        x3 = self.bottom(F.max_pool2d(x2, 2))
        x = self.dec1(torch.cat([x2, self.up1(x3)], 1))
        return self.outc(self.dec2(torch.cat([x1, self.up2(x)], 1)))


class Squares(Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, i):
        m = torch.zeros(1, 8, 8)
        m[:, i % 5:i % 5 + 3, (i * 2) % 5:(i * 2) % 5 + 3] = 1
        return m + 0.2 * torch.randn(1, 8, 8), m


def dice_loss(logits, target, eps=1.0):
    p = torch.sigmoid(logits)
    inter = (p * target).sum((1, 2, 3))
    return 1 - ((2 * inter + eps) / (p.sum((1, 2, 3)) + target.sum((1, 2, 3)) + eps)).mean()


def iou(logits, target):
    pred = logits > 0
    t = target.bool()
    return ((pred & t).sum().float() / (pred | t).sum().clamp(min=1)).item()


def main():
    torch.manual_seed(0)
    net = UNet()
    opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, momentum=0.9, foreach=True)
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    for epoch in range(2):
        net.train()
        scores = []
        for x, m in DataLoader(Squares(), 4, shuffle=True):
            with torch.autocast("cpu", enabled=False):
                logits = net(x)
                loss = F.binary_cross_entropy_with_logits(logits, m) + dice_loss(logits, m)
            opt.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.unscale_(opt)
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            scaler.step(opt)
            scaler.update()
            scores.append(iou(logits, m))
        print(epoch, loss.item(), sum(scores) / len(scores))


if __name__ == "__main__":
    main()
