import argparse
import torch
import torch.nn as nn
import torch.nn.functional as F


class SimCLR(nn.Module):
    def __init__(self, dim=10, feat=16, proj=8):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(dim, feat), nn.BatchNorm1d(feat), nn.ReLU())
        self.projector = nn.Sequential(nn.Linear(feat, feat), nn.ReLU(), nn.Linear(feat, proj))

    def forward(self, x):
        return self.projector(self.backbone(x))


def info_nce(features, n, temperature):
    labels = torch.cat([torch.arange(n) for _ in range(2)])
    labels = (labels.unsqueeze(0) == labels.unsqueeze(1)).float()
    features = F.normalize(features, dim=1)
    sim = features @ features.T
    mask = torch.eye(labels.shape[0], dtype=torch.bool)
    labels = labels[~mask].view(labels.shape[0], -1)
    sim = sim[~mask].view(sim.shape[0], -1)
    pos = sim[labels.bool()].view(labels.shape[0], -1)
    neg = sim[~labels.bool()].view(sim.shape[0], -1)
    logits = torch.cat([pos, neg], dim=1) / temperature
    return logits, torch.zeros(logits.shape[0], dtype=torch.long)


def augment(x):
    x += 0.1 * torch.randn_like(x)  # expect: alias-write
    return x


def accuracy(output, target, topk=(1,)):
    with torch.no_grad():
        _, pred = output.topk(max(topk), 1)
        correct = pred.t().eq(target.view(1, -1))
        return [correct[:k].reshape(-1).float().sum() * 100.0 / target.size(0) for k in topk]


def linear_probe(model, x, y):
    for p in model.backbone.parameters():
        p.requires_grad = False
    model.eval()
    head = nn.Linear(16, 2)
    opt = torch.optim.SGD(head.parameters(), lr=0.1)
    for _ in range(5):
        loss = F.cross_entropy(head(model.backbone(x)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=6)
    ap.add_argument("--temperature", type=float, default=0.2)
    args = ap.parse_args()
    torch.manual_seed(0)
    y = torch.randint(0, 2, (48,))
    data = torch.randn(48, 10) + y[:, None] * 2
    model = SimCLR()
    opt = torch.optim.Adam(model.parameters(), 3e-3, weight_decay=1e-4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, args.steps)
    for step in range(args.steps):
        x = data[torch.randperm(48)[:16]]
        feats = model(torch.cat([augment(x), augment(x)]))
        logits, labels = info_nce(feats, 16, args.temperature)
        loss = F.cross_entropy(logits, labels)
        opt.zero_grad()
        loss.backward()
        opt.step()
        scheduler.step()
        top1, top5 = accuracy(logits, labels, topk=(1, 5))
        print(step, loss.item(), top1[()].item() if top1.dim() == 0 else top1, top5.item())
    print("probe", linear_probe(model, data, y))


if __name__ == "__main__":
    main()
