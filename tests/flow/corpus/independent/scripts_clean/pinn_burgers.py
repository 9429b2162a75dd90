"""PINN for Burgers' equation, Adam then L-BFGS."""
import math
import torch
import torch.nn as nn


class PINN(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(layers[:-1], layers[1:]))
        for l in self.linears:
            nn.init.xavier_normal_(l.weight)
            nn.init.zeros_(l.bias)

    def forward(self, x, t):
        h = torch.cat([x, t], 1)
        for l in self.linears[:-1]:
            h = torch.tanh(l(h))
        return self.linears[-1](h)


class Solver:
    def __init__(self, nu=0.01 / math.pi):
        self.nu = nu
        self.net = PINN([2, 12, 12, 1])
        self.x_f = torch.rand(30, 1) * 2 - 1
        self.t_f = torch.rand(30, 1)
        self.x_f.requires_grad_()
        self.t_f.requires_grad_()
        self.x_u = torch.linspace(-1, 1, 10)[:, None]
        self.t_u = torch.zeros_like(self.x_u)
        self.u = -torch.sin(math.pi * self.x_u)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=1e-3)
        self.lbfgs = torch.optim.LBFGS(self.net.parameters(), max_iter=4, line_search_fn="strong_wolfe")
        self.iter, self.log = 0, []

    def residual(self):
        u = self.net(self.x_f, self.t_f)
        ones = torch.ones_like(u)
        u_t = torch.autograd.grad(u, self.t_f, ones, create_graph=True)[0]
        u_x = torch.autograd.grad(u, self.x_f, ones, create_graph=True)[0]
        u_xx = torch.autograd.grad(u_x, self.x_f, torch.ones_like(u_x), create_graph=True)[0]
        return u_t + u * u_x - self.nu * u_xx

    def loss(self):
        mse_u = torch.mean((self.net(self.x_u, self.t_u) - self.u) ** 2)
        mse_f = torch.mean(self.residual() ** 2)
        self.log.append((mse_u.item(), mse_f.item()))
        return mse_u + mse_f

    def closure(self):
        self.lbfgs.zero_grad()
        loss = self.loss()
        loss.backward(inputs=list(self.net.parameters()))
        self.iter += 1
        return loss

    def train(self, epochs=4):
        for _ in range(epochs):
            self.adam.zero_grad()
            loss = self.loss()
            loss.backward(inputs=list(self.net.parameters()))
            self.adam.step()
        self.lbfgs.step(self.closure)

    def predict(self, x, t):
        self.net.eval()
        with torch.no_grad():
            return self.net(x, t)


if __name__ == "__main__":
    torch.manual_seed(0)
    s = Solver()
    s.train()
    print(s.iter, s.log[0], s.log[-1], s.predict(s.x_u, s.t_u).std().item())
