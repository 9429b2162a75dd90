"""Curve fitting with LBFGS and a closure."""
import torch

torch.manual_seed(0)
t = torch.linspace(0, 2, 30, dtype=torch.float64)
data = 1.7 * torch.exp(-1.2 * t) + 0.01 * torch.randn(30, dtype=torch.float64)
theta = torch.tensor([1.0, 0.5], dtype=torch.float64, requires_grad=True)
opt = torch.optim.LBFGS([theta], max_iter=10, line_search_fn="strong_wolfe")
trace = []


def model(theta, t):
    return theta[0] * torch.exp(-theta[1] * t)


def closure():
    opt.zero_grad()
    loss = (model(theta, t) - data).pow(2).sum()
    loss.backward()
    trace.append(loss.item())
    return loss


for _ in range(3):
    loss = opt.step(closure)
final = trace[-1]
print(theta.detach().numpy(), final)
