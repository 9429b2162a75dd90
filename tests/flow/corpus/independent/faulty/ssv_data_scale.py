"""A weight is rescaled through .data between forward and backward."""
import torch

torch.manual_seed(0)
w = torch.randn(4, requires_grad=True)
w0 = w.detach().clone()
opt = torch.optim.SGD([w], lr=0.01)


def forward(w):
    sq = (w * w).sum()
    return sq * sq


opt.zero_grad()
loss = forward(w)
w.data.mul_(0.5)  # expect: stale-saved-value
loss.backward()
opt.step()
print("gradient", w.grad.tolist())
