"""Noisy top-k gated mixture of experts with load-balancing loss."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Expert(nn.Module):
    def __init__(self, i, h, o):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(i, h), nn.ReLU(), nn.Linear(h, o))

    def forward(self, x):
        return self.net(x)


class MoE(nn.Module):
    def __init__(self, dim, hidden, out, n_experts=4, k=2, noisy=True):
        super().__init__()
        self.experts = nn.ModuleList(Expert(dim, hidden, out) for _ in range(n_experts))
        self.w_gate = nn.Parameter(torch.randn(dim, n_experts) * 0.1)
        self.w_noise = nn.Parameter(torch.zeros(dim, n_experts))
        self.k, self.n, self.noisy = k, n_experts, noisy

    @staticmethod
    def cv_squared(x):
        return x.float().var() / (x.float().mean() ** 2 + 1e-10)

    def gate(self, x):
        logits = x @ self.w_gate
        if self.noisy and self.training:
            std = F.softplus(x @ self.w_noise) + 1e-2
            logits = logits + torch.randn_like(logits) * std
        top, idx = logits.topk(self.k, dim=1)
        return torch.zeros_like(logits).scatter(1, idx, F.softmax(top, dim=1))

    def forward(self, x, coef=1e-2):
        gates = self.gate(x)
        aux = self.cv_squared((gates > 0).sum(0)) * coef  # expect: non-differentiable
        out = x.new_zeros(x.size(0), self.experts[0].net[-1].out_features)
        for e, expert in enumerate(self.experts):
            rows = gates[:, e].nonzero(as_tuple=True)[0]
            if rows.numel() == 0:
                continue
            out = out.index_add(0, rows, gates[rows, e, None] * expert(x[rows]))
        return out, aux, (gates > 0).sum(0)


def main():
    torch.manual_seed(0)
    model = MoE(6, 12, 3)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    X, Y = torch.randn(64, 6), torch.randint(0, 3, (64,))
    usage = torch.zeros(4)
    for step in range(8):
        sel = torch.randperm(64)[:32]
        out, aux, load = model(X[sel])
        loss = F.cross_entropy(out, Y[sel]) + aux
        opt.zero_grad()
        loss.backward()
        opt.step()
        usage += load
    model.eval()
    with torch.no_grad():
        out, _, _ = model(X)
    print(loss.item(), usage.tolist(), (out.argmax(1) == Y).float().mean().item())


if __name__ == "__main__":
    main()
