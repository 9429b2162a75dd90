"""Cox proportional hazards with a scipy-like Newton/LBFGS minimise loop in float64."""
import numpy as np
import torch


def neg_partial_log_likelihood(beta, X, order, event):
    risk = (X @ beta)[order]
    log_cum = torch.logcumsumexp(risk, 0)
    return -((risk - log_cum) * event[order]).sum() / event.sum()


def fun_and_grad(theta, X, order, event):
    b = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    f = neg_partial_log_likelihood(b, X, order, event)
    f.backward()
    return f.item(), b.grad.numpy().copy()


def minimize_gd(theta0, args, lr=0.5, maxiter=20, gtol=1e-4):
    theta = theta0.copy()
    for k in range(maxiter):
        f, g = fun_and_grad(theta, *args)
        if np.abs(g).max() < gtol:
            break
        step = lr
        while fun_and_grad(theta - step * g, *args)[0] > f - 1e-4 * step * (g @ g) and step > 1e-6:
            step *= 0.5
        theta -= step * g
    return theta, f, k


def newton(beta, X, order, event, iters=3):
    for _ in range(iters):
        b = beta.detach().requires_grad_(True)
        loss = neg_partial_log_likelihood(b, X, order, event)
        (g,) = torch.autograd.grad(loss, b, create_graph=True)
        H = torch.stack([torch.autograd.grad(gi, b, retain_graph=True)[0] for gi in g])
        beta = b.detach() - torch.linalg.solve(H, g.detach())
    return beta, loss.item()


def main():
    torch.manual_seed(0)
    X = torch.randn(60, 3, dtype=torch.float64)
    true = torch.tensor([0.8, -0.5, 0.0], dtype=torch.float64)
    t = torch.distributions.Exponential((X @ true).exp()).sample()
    event = (torch.rand(60) < 0.8).double()
    order = torch.argsort(t, descending=True)
    theta, f, k = minimize_gd(np.zeros(3), (X, order, event))
    print("gd", theta.round(3), f, k)
    beta, loss = newton(torch.zeros(3, dtype=torch.float64), X, order, event)
    print("newton", beta.tolist(), loss)


if __name__ == "__main__":
    main()
