"""Hypernetwork generating the weights of a target net via torch.func.functional_call."""
import torch
from torch import nn
from torch.func import functional_call


class Target(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(1, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.l2(torch.tanh(self.l1(x)))


class HyperNet(nn.Module):
    def __init__(self, shapes, n_tasks, zdim=3):
        super().__init__()
        self.shapes = shapes
        self.z = nn.Embedding(n_tasks, zdim)
        total = sum(s.numel() for s in shapes.values())
        self.body = nn.Sequential(nn.Linear(zdim, 16), nn.ReLU(), nn.Linear(16, total))

    def forward(self, task):
        flat = self.body(self.z(task))
        out, i = {}, 0
        for name, s in self.shapes.items():
            out[name] = flat[i:i + s.numel()].view(s)
            i += s.numel()
        return out


def main():
    torch.manual_seed(0)
    target = Target().requires_grad_(False)
    shapes = {k: v.shape for k, v in target.named_parameters()}
    hyper = HyperNet(shapes, n_tasks=3)
    opt = torch.optim.Adam(hyper.parameters(), lr=1e-2)
    x = torch.linspace(-1, 1, 16)[:, None]
    ys = [torch.sin(3 * x), x ** 2, -x]
    for it in range(6):
        opt.zero_grad()
        total = 0.0
        for task, y in enumerate(ys):
            w = hyper(torch.tensor(task))
            loss = nn.functional.mse_loss(functional_call(target, w, (x,)), y)
            loss.backward()
            total += loss.item()
        opt.step()
        print(it, total / len(ys))


if __name__ == "__main__":
    main()
