"""A PGD attack on a frozen classifier, with .grad on the perturbation."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
model.eval()
for p in model.parameters():
    p.requires_grad_(False)


def pgd(x, y, eps=0.3, alpha=0.1, steps=5):
    delta = torch.empty_like(x).uniform_(-eps, eps).requires_grad_(True)
    losses = []
    for _ in range(steps):
        loss = F.cross_entropy(model(x + delta), y)
        loss.backward()
        losses.append(loss.item())
        delta.data = (delta.data + alpha * delta.grad.sign()).clamp(-eps, eps)
        delta.grad.zero_()
    return delta.detach(), losses


x, y = torch.randn(10, 6), torch.randint(0, 2, (10,))
delta, losses = pgd(x, y)
final = losses[-1]
print(losses[0], "->", final, delta.abs().max().item())
