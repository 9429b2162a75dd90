"""Matrix factorisation with raw tensors and an optimiser."""
import torch

torch.manual_seed(0)
n, m, k = 8, 6, 2
R = torch.rand(n, k) @ torch.rand(k, m)
observed = torch.rand(n, m) < 0.7
U = (0.1 * torch.randn(n, k)).requires_grad_()
V = (0.1 * torch.randn(m, k)).requires_grad_()
bias = torch.zeros(m, requires_grad=True)
opt = torch.optim.Adam([U, V, bias], lr=0.1)
for it in range(20):
    pred = U @ V.t() + bias
    err = (pred - R)[observed]
    loss = err.pow(2).mean() + 1e-3 * (U.pow(2).sum() + V.pow(2).sum())
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    held_out = ((U @ V.t() + bias - R)[~observed]).pow(2).mean().sqrt()
final = loss.item()
print(final, held_out.item())
