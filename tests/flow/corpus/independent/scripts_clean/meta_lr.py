"""Meta-gradient: learn per-parameter log learning rates by differentiating through SGD."""
import torch
from torch import nn
from torch.func import functional_call


class Task(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        return self.net(x)


class LearnedSGD(nn.Module):
    def __init__(self, names, init=-3.0):
        super().__init__()
        self.log_lr = nn.ParameterDict({n.replace(".", "_"): nn.Parameter(torch.tensor(init)) for n in names})

    def forward(self, params, grads):
        return {n: p - self.log_lr[n.replace(".", "_")].exp() * g
                for (n, p), g in zip(params.items(), grads)}


def unroll(model, learned, x, y, steps):
    params = {n: p.detach().clone().requires_grad_() for n, p in model.named_parameters()}
    losses = []
    for _ in range(steps):
        loss = ((functional_call(model, params, (x,)) - y) ** 2).mean()
        grads = torch.autograd.grad(loss, list(params.values()), create_graph=True)
        params = learned(params, grads)
        losses.append(loss)
    return params, losses


def main():
    torch.manual_seed(0)
    model = Task().requires_grad_(False)
    learned = LearnedSGD([n for n, _ in model.named_parameters()])
    opt = torch.optim.Adam(learned.parameters(), lr=0.1)
    w = torch.randn(4, 1)
    log = []
    for it in range(5):
        x, xv = torch.randn(16, 4), torch.randn(16, 4)
        params, inner = unroll(model, learned, x, x @ w, 4)
        val = ((functional_call(model, params, (xv,)) - xv @ w) ** 2).mean()
        opt.zero_grad()
        val.backward()
        opt.step()
        log.append({"it": it, "val": val.item(), "inner": [l.item() for l in inner]})
        with torch.no_grad():
            for n, p in model.named_parameters():
                p.copy_(params[n])
    print(log[-1])


if __name__ == "__main__":
    main()
