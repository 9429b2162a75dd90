"""Gaussian-process hyper-parameters by marginal likelihood with Cholesky."""
import math
import torch

torch.manual_seed(0)
X = torch.linspace(0, 4, 15, dtype=torch.float64).unsqueeze(1)
y = torch.sin(X).squeeze() + 0.1 * torch.randn(15, dtype=torch.float64)
hyper = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True)
         for k, v in dict(log_len=0.0, log_var=0.0, log_noise=-2.0).items()}
opt = torch.optim.Adam(hyper.values(), lr=0.05)


def kernel(a, b):
    d2 = (a - b.T).pow(2)
    return hyper["log_var"].exp() * torch.exp(-0.5 * d2 / hyper["log_len"].exp() ** 2)


def nll():
    K = kernel(X, X) + hyper["log_noise"].exp() * torch.eye(15, dtype=torch.float64)
    L = torch.linalg.cholesky(K)
    a = torch.cholesky_solve(y.unsqueeze(1), L).squeeze()
    return 0.5 * y @ a + L.diagonal().log().sum() + 7.5 * math.log(2 * math.pi), L, a


for _ in range(8):
    opt.zero_grad()
    loss, _, _ = nll()
    loss.backward()
    opt.step()
with torch.no_grad():
    _, L, a = nll()
    mean = kernel(torch.tensor([[1.5]], dtype=torch.float64), X) @ a
final = loss.item()
print(final, mean.item())
