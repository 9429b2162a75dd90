"""Domain-adversarial training with a gradient reversal layer."""
import math
import torch
from torch import nn
import torch.nn.functional as F
from torch.autograd import Function


class ReverseLayerF(Function):
    @staticmethod
    def forward(ctx, x, alpha):
        ctx.alpha = alpha
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output.neg() * ctx.alpha, None


class DANN(nn.Module):
    def __init__(self):
        super().__init__()
        self.feature = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(True))
        self.class_classifier = nn.Sequential(nn.Linear(16, 3), nn.LogSoftmax(dim=1))
        self.domain_classifier = nn.Sequential(nn.Linear(16, 2), nn.LogSoftmax(dim=1))

    def forward(self, x, alpha):
        f = self.feature(x)
        return self.class_classifier(f), self.domain_classifier(ReverseLayerF.apply(f, alpha))


def main():
    torch.manual_seed(0)
    net = DANN()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    n_epoch, n_batch = 2, 3
    for epoch in range(n_epoch):
        for i in range(n_batch):
            p = float(i + epoch * n_batch) / n_epoch / n_batch
            alpha = 2.0 / (1.0 + math.exp(-10 * p)) - 1
            s_y = torch.randint(0, 3, (12,))
            s_x = torch.randn(12, 6) + F.one_hot(s_y, 6)
            t_x = torch.randn(12, 6) + 1
            net.zero_grad()
            cls, dom = net(s_x, alpha)
            err_label = F.nll_loss(cls, s_y)
            err_s = F.nll_loss(dom, torch.zeros(12, dtype=torch.long))
            _, dom = net(t_x, alpha)
            err_t = F.nll_loss(dom, torch.ones(12, dtype=torch.long))
            err = err_t + err_s + err_label
            err.backward()
            opt.step()
            print(epoch, i, err_label.item(), err_s.item(), err_t.item())


if __name__ == "__main__":
    main()
