"""A mixture of experts whose top-k gates keep their gradient."""
import torch
from torch import nn


class MoE(nn.Module):
    def __init__(self, d, n, k):
        super().__init__()
        self.gate = nn.Linear(d, n)
        self.experts = nn.ModuleList(nn.Linear(d, d) for _ in range(n))
        self.k = k

    def forward(self, x):
        probs = self.gate(x).softmax(-1)
        weight, idx = probs.topk(self.k, dim=-1)
        weight = weight / weight.sum(-1, keepdim=True)
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            rows, slot = (idx == e).nonzero(as_tuple=True)
            if rows.numel():
                out = out.index_add(0, rows, weight[rows, slot, None] * expert(x[rows]))
        load = (idx[..., None] == torch.arange(len(self.experts))).float().sum((0, 1))
        return out, (load / load.sum() * probs.mean(0)).sum() * len(self.experts)


torch.manual_seed(0)
model = MoE(4, 3, 2)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(24, 4)
    out, balance = model(x)
    loss = (out - x.roll(1, 1)).pow(2).mean() + 0.01 * balance
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(final)
