"""Reptile: clone, adapt, interpolate."""
import copy
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, x):
        return self.net(x)

    def point_grad_to(self, target):
        """Set .grad so that an optimiser step moves towards target."""
        for p, q in zip(self.parameters(), target.parameters()):
            if p.grad is None:
                p.grad = torch.zeros_like(p)
            p.grad.data.zero_()
            p.grad.data.add_(p.data - q.data)

    def clone(self):
        return copy.deepcopy(self)


def do_learning(net, opt, x, y, iters):
    net.train()
    for _ in range(iters):
        idx = torch.randperm(len(x))[:5]
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


def main():
    torch.manual_seed(0)
    meta = Model()
    meta_opt = torch.optim.SGD(meta.parameters(), lr=0.5)
    state = None
    for it in range(4):
        net = meta.clone()
        opt = torch.optim.Adam(net.parameters(), lr=1e-2, betas=(0.0, 0.999))
        if state is not None:
            opt.load_state_dict(state)
        x = torch.linspace(-2, 2, 20)[:, None]
        y = torch.sin(x + torch.rand(1) * 3)
        loss = do_learning(net, opt, x, y, 4)
        state = opt.state_dict()
        meta_opt.zero_grad()
        meta.point_grad_to(net)
        meta_opt.step()
        print(it, loss)


if __name__ == "__main__":
    main()
