"""Adversarial training with FGSM (autograd.grad on the input)."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)


def fgsm(x, y, eps):
    x = x.clone().detach().requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    g, = torch.autograd.grad(loss, x)
    return (x + eps * g.sign()).clamp(0, 1).detach()


for step in range(5):
    x, y = torch.rand(12, 1, 4, 4), torch.randint(0, 3, (12,))
    adv = fgsm(x, y, 0.1)
    loss = 0.5 * F.cross_entropy(model(x), y) + 0.5 * F.cross_entropy(model(adv), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    robust = (model(adv).argmax(1) == y).float().mean().item()
final = loss.item()
print(final, robust)
