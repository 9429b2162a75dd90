"""FixMatch pseudo-labels plus evolution-free threshold calibration at the end."""
import torch
from torch import nn
import torch.nn.functional as F


class Temperature(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.temperature = nn.Parameter(torch.ones(1) * 1.5)

    def scale(self, logits):
        return logits / self.temperature

    def set_temperature(self, x, y):
        with torch.no_grad():
            logits = self.model(x)
        opt = torch.optim.LBFGS([self.temperature], lr=0.05, max_iter=5)

        def closure():
            opt.zero_grad()
            loss = F.cross_entropy(self.scale(logits), y)
            loss.backward()
            return loss
        opt.step(closure)
        return self.temperature.item()


def main():
    torch.manual_seed(0)
    Y = torch.randint(0, 3, (90,))
    X = torch.randn(90, 6) + 2 * F.one_hot(Y, 6)
    lab, val = slice(0, 30), slice(60, 90)
    model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))
    opt = torch.optim.Adam(model.parameters(), 1e-2)
    used = 0.0
    for step in range(10):
        xu = X[30:60]
        logits = model(torch.cat([X[lab], xu + 0.05 * torch.randn_like(xu), xu + 0.4 * torch.randn_like(xu)]))
        lx, lw, ls = logits.split(30)
        pseudo = torch.softmax(lw.detach(), dim=-1)
        maxp, target = pseudo.max(dim=-1)
        mask = maxp.ge(0.6).float()
        loss = F.cross_entropy(lx, Y[lab]) + (F.cross_entropy(ls, target, reduction="none") * mask).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        used += mask.mean().item()
    model.eval()
    print(loss.item(), used / 10, Temperature(model).set_temperature(X[val], Y[val]))


if __name__ == "__main__":
    main()
