"""Mean teacher semi-supervised learning; teacher is detached, not frozen by flag."""
import torch
from torch import nn
import torch.nn.functional as F


def create_model(ema=False):
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
    if ema:
        for p in model.parameters():
            p.detach_()
    return model


def update_ema_variables(model, ema_model, alpha, global_step):
    alpha = min(1 - 1 / (global_step + 1), alpha)
    for ep, p in zip(ema_model.parameters(), model.parameters()):
        ep.data.mul_(alpha).add_(p.data, alpha=1 - alpha)


def softmax_mse_loss(a, b):
    return F.mse_loss(F.softmax(a, dim=1), F.softmax(b, dim=1), reduction="sum") / a.size(1)


def sigmoid_rampup(cur, length):
    phase = 1.0 - min(cur, length) / length
    return float(torch.exp(torch.tensor(-5.0 * phase * phase)))


def main():
    torch.manual_seed(0)
    X = torch.randn(64, 4)
    Y = (X[:, 0] > 0).long()
    Y[16:] = -1
    model, ema_model = create_model(), create_model(ema=True)
    opt = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)
    step = 0
    for epoch in range(3):
        perm = torch.randperm(64)
        for s in range(0, 64, 32):
            x, y = X[perm[s:s + 32]], Y[perm[s:s + 32]]
            logits = model(x + 0.1 * torch.randn_like(x))
            ema_logits = ema_model(x + 0.1 * torch.randn_like(x)).detach()  # expect-note: redundant-detach
            class_loss = F.cross_entropy(logits, y, ignore_index=-1, reduction="sum") / len(x)
            weight = 10.0 * sigmoid_rampup(epoch, 3)
            consistency = weight * softmax_mse_loss(logits, ema_logits) / len(x)
            loss = class_loss + consistency
            opt.zero_grad()
            loss.backward()
            opt.step()
            step += 1
            update_ema_variables(model, ema_model, 0.9, step)
        print(epoch, class_loss.item(), consistency.item())


if __name__ == "__main__":
    main()
