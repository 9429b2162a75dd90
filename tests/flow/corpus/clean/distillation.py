"""A small student learns from a larger teacher."""

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)).eval()
student = nn.Linear(4, 3)
optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)
T, alpha = 2.0, 0.7


def loss_of(x, labels):
    with torch.no_grad():
        wanted = F.softmax(teacher(x) / T, dim=1)
    logits = student(x)
    soft = F.kl_div(F.log_softmax(logits / T, dim=1), wanted, reduction="batchmean") * T * T
    hard = F.cross_entropy(logits, labels)
    return alpha * soft + (1 - alpha) * hard


for step in range(6):
    x = torch.randn(10, 4)
    with torch.no_grad():
        labels = teacher(x).argmax(dim=1)
    optimizer.zero_grad()
    loss = loss_of(x, labels)
    loss.backward()
    optimizer.step()
    print(step, loss.item())
