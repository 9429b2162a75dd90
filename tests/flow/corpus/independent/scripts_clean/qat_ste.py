"""Quantisation-aware training with straight-through estimators (Function and detach trick)."""
import torch
from torch import nn
import torch.nn.functional as F


class RoundSTE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output


class SignSTE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 1).to(g.dtype)


def fake_quant(w, bits=4):
    scale = w.detach().abs().max() / (2 ** (bits - 1) - 1) + 1e-8
    q = RoundSTE.apply(w / scale).clamp(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return q * scale


class QLinear(nn.Linear):
    def __init__(self, i, o, bits=4):
        super().__init__(i, o)
        self.bits = bits
        self.register_buffer("running_max", torch.tensor(1.0))

    def forward(self, x):
        if self.training:
            self.running_max.mul_(0.9).add_(0.1 * x.detach().abs().max())
        s = self.running_max / 127
        xq = (x / s).round().clamp(-127, 127) * s
        x = x + (xq - x).detach()
        return F.linear(x, fake_quant(self.weight, self.bits), self.bias)


class LSQ(nn.Module):
    """Learned step size."""

    def __init__(self):
        super().__init__()
        self.step = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        y = x / self.step
        y = (y.round() - y).detach() + y
        return y.clamp(-8, 7) * self.step


class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.q1, self.act, self.q2 = QLinear(6, 16), LSQ(), QLinear(16, 16)
        self.bin = nn.Parameter(torch.randn(2, 16) * 0.1)

    def forward(self, x):
        x = self.act(F.relu(self.q1(x)))
        return F.linear(F.relu(self.q2(x)), SignSTE.apply(self.bin) * self.bin.abs().mean().detach())


def main():
    torch.manual_seed(0)
    model = QNet()
    opt = torch.optim.SGD([{"params": [model.act.step], "lr": 1e-3},
                           {"params": [p for n, p in model.named_parameters() if n != "act.step"]}], lr=0.05)
    X = torch.randn(64, 6)
    Y = (X[:, 0] > 0).long()
    for epoch in range(4):
        model.train()
        for xb, yb in zip(X.split(16), Y.split(16)):
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            acc = (model(X).argmax(1) == Y).float().mean()
        print(epoch, loss.item(), acc.item())


if __name__ == "__main__":
    main()
