"""Gaussian mixture fitted by gradient descent, float64, torch.distributions."""
import math
import torch
import torch.distributions as D


class GMM(torch.nn.Module):
    def __init__(self, k, d):
        super().__init__()
        self.logits = torch.nn.Parameter(torch.zeros(k))
        self.mu = torch.nn.Parameter(torch.randn(k, d))
        self.log_diag = torch.nn.Parameter(torch.zeros(k, d))
        self.off = torch.nn.Parameter(torch.zeros(k, d, d))

    def dist(self):
        L = torch.tril(self.off, -1) + torch.diag_embed(self.log_diag.exp())
        comp = D.MultivariateNormal(self.mu, scale_tril=L)
        return D.MixtureSameFamily(D.Categorical(logits=self.logits), comp)

    def nll(self, x):
        with torch.no_grad():  # expect: no-history
            return -self.dist().log_prob(x).mean()


def main():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    x = torch.cat([torch.randn(40, 2) * 0.5 + 2, torch.randn(40, 2) @ torch.tensor([[1.0, 0.5], [0.0, 0.3]]) - 2])
    model = GMM(2, 2)
    opt = torch.optim.Adam(model.parameters(), lr=5e-2)
    prev, tol = math.inf, 1e-8
    for it in range(15):
        opt.zero_grad()
        loss = model.nll(x)
        loss.backward()
        opt.step()
        if abs(prev - loss.item()) < tol:
            break
        prev = loss.item()
    with torch.no_grad():
        print(it, prev, torch.softmax(model.logits, 0).tolist(), model.mu.tolist())
        resp = model.dist().component_distribution.log_prob(x[:, None]).softmax(-1)
        print(resp.argmax(-1).bincount().tolist())


if __name__ == "__main__":
    main()
