"""A hand-written two-layer network with manual updates under no_grad."""
import torch

torch.manual_seed(0)
x, y = torch.randn(32, 5), torch.randn(32, 2)
w1 = torch.randn(5, 10, requires_grad=True)
w2 = torch.randn(10, 2, requires_grad=True)
vel = [torch.zeros_like(w) for w in (w1, w2)]
lr, mu, wd = 1e-3, 0.9, 1e-2
for t in range(15):
    pred = x.mm(w1).clamp(min=0).mm(w2)
    loss = (pred - y).pow(2).mean()
    if t % 5 == 0:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        for w, v in zip((w1, w2), vel):
            v.mul_(mu).add_(w.grad + wd * w)
            w -= lr * v
            w.grad.zero_()
final = loss.item()
