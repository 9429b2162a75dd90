"""A Gaussian process caches its kernel's Cholesky factor."""
from functools import cached_property
import torch


class GP:
    def __init__(self, x):
        self.x = x
        self.log_len = torch.zeros((), requires_grad=True)
        self.log_noise = torch.tensor(-2.0, requires_grad=True)

    @cached_property
    def chol(self):
        d = torch.cdist(self.x, self.x).pow(2)
        k = torch.exp(-0.5 * d / self.log_len.exp() ** 2)
        return torch.linalg.cholesky(k + self.log_noise.exp() * torch.eye(len(self.x)))

    def nll(self, y):
        alpha = torch.cholesky_solve(y, self.chol)
        return 0.5 * (y * alpha).sum() + self.chol.diagonal().log().sum()


torch.manual_seed(0)
x = torch.linspace(0, 3, 8).unsqueeze(1)
gp = GP(x)
opt = torch.optim.Adam([gp.log_len, gp.log_noise], lr=0.05)
for _ in range(3):
    opt.zero_grad()
    loss = gp.nll(torch.sin(x))
    loss.backward()  # expect: backward-twice
    opt.step()
