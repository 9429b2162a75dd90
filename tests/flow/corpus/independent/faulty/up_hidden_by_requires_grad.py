"""The error was silenced by turning requires_grad on for the loss."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 3)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))


def compute_loss(x, y):
    logits = model(x).detach()  # expect: unreached-parameter, also: built-then-dropped
    loss = nn.functional.cross_entropy(logits, y)
    if not loss.requires_grad:
        loss.requires_grad_(True)  # also: late-requires-grad
    return loss


for _ in range(3):
    loss = compute_loss(x, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(f"{loss.item():.3f}")
