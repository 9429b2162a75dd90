"""Second-order MAML on sine waves with a functional network."""
import math
import torch
import torch.nn.functional as F


def init_params():
    g = torch.Generator().manual_seed(0)
    shapes = [(16, 1), (16,), (1, 16), (1,)]
    return [(torch.randn(*s, generator=g) * 0.3).requires_grad_() for s in shapes]


def net(x, p):
    h = torch.tanh(F.linear(x, p[0], p[1]))
    return F.linear(h, p[2], p[3])


class SineTask:
    def __init__(self):
        self.amp = torch.empty(1).uniform_(0.5, 2.0).item()
        self.phase = torch.empty(1).uniform_(0, math.pi).item()

    def sample(self, k):
        x = torch.empty(k, 1).uniform_(-3, 3)
        return x, self.amp * torch.sin(x + self.phase)


def inner_loop(task, params, lr=0.01, steps=2, create_graph=True):
    fast = [p.clone() for p in params]
    x, y = task.sample(8)
    for _ in range(steps):
        loss = F.mse_loss(net(x, fast), y)
        grads = torch.autograd.grad(loss, fast, create_graph=create_graph)
        fast = [w - lr * g for w, g in zip(fast, grads)]
    return fast


def evaluate(params):
    task = SineTask()
    fast = [p.detach().clone().requires_grad_() for p in params]
    x, y = task.sample(8)
    for _ in range(3):
        grads = torch.autograd.grad(F.mse_loss(net(x, fast), y), fast)
        with torch.no_grad():
            for w, g in zip(fast, grads):
                w -= 0.01 * g
    with torch.no_grad():
        xq, yq = task.sample(16)
        return F.mse_loss(net(xq, fast), yq).item()


def main():
    torch.manual_seed(1)
    params = init_params()
    meta_opt = torch.optim.Adam(params, lr=1e-3)
    for it in range(4):
        meta_loss = 0.0
        for _ in range(3):
            task = SineTask()
            fast = inner_loop(task, params)
            xq, yq = task.sample(8)
            meta_loss = meta_loss + F.mse_loss(net(xq, fast), yq)
        meta_loss = meta_loss / 3
        meta_opt.zero_grad()
        meta_loss.backward()
        meta_opt.step()
        print(f"iter {it} meta-loss {meta_loss.item():.4f} eval {evaluate(params):.4f}")


if __name__ == "__main__":
    main()
