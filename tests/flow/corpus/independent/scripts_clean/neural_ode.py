"""Neural ODE with an RK4 integrator and the adjoint method as a custom Function."""
import torch
from torch import nn


class ODEFunc(nn.Module):
    def __init__(self, dim=2):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, dim))

    def forward(self, t, y):
        return self.net(y ** 3)


def rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


class OdeintAdjoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y0, ts, func, *params):
        ys = [y0]
        with torch.no_grad():
            for i in range(len(ts) - 1):
                ys.append(rk4_step(func, ts[i], ys[-1], ts[i + 1] - ts[i]))
        ys = torch.stack(ys)
        ctx.func = func
        ctx.save_for_backward(ts, ys, *params)
        return ys

    @staticmethod
    def backward(ctx, grad):
        ts, ys, *params = ctx.saved_tensors
        adj = grad[-1].clone()
        gp = [torch.zeros_like(p) for p in params]
        for i in range(len(ts) - 2, -1, -1):
            with torch.enable_grad():
                y = ys[i].detach().requires_grad_(True)
                out = rk4_step(ctx.func, ts[i], y, ts[i + 1] - ts[i])
                g = torch.autograd.grad(out, (y, *params), adj)
            adj = g[0] + grad[i]
            gp = [a + b for a, b in zip(gp, g[1:])]
        return (adj, None, None, *gp)


def odeint(func, y0, ts):
    return OdeintAdjoint.apply(y0, ts, func, *func.parameters())


def main():
    torch.manual_seed(0)
    A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
    ts = torch.linspace(0, 1, 9)
    with torch.no_grad():
        true = [torch.tensor([[2.0, 0.0]])]
        for i in range(8):
            true.append(rk4_step(lambda t, y: y @ A.t(), ts[i], true[-1], 0.125))
        true = torch.stack(true)
    func = ODEFunc()
    for m in func.net.modules():
        if isinstance(m, nn.Linear):
            nn.init.normal_(m.weight, std=0.1)
            nn.init.zeros_(m.bias)
    opt = torch.optim.RMSprop(func.parameters(), lr=1e-2)
    for itr in range(6):
        opt.zero_grad()
        pred = odeint(func, true[0], ts)
        loss = (pred - true).abs().mean()
        loss.backward()
        opt.step()
        if itr % 2 == 0:
            with torch.no_grad():
                print(itr, (odeint(func, true[0], ts) - true).abs().mean().item())


if __name__ == "__main__":
    main()
