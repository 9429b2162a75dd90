"""Distillation: a large teacher's outputs are detached in a comprehension."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(16, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
student = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10))
opt = torch.optim.SGD(student.parameters(), lr=0.1)


def teach(x):
    logits = teacher(x)
    outs = {"logits": logits, "soft": F.softmax(logits / 2, dim=1)}
    return {k: v.detach() for k, v in outs.items()}  # expect: built-then-dropped


for _ in range(4):
    x = torch.randn(256, 16)
    t = teach(x)
    s = student(x)
    loss = F.kl_div(F.log_softmax(s / 2, 1), t["soft"], reduction="batchmean")
    loss = loss + 0.1 * F.mse_loss(s, t["logits"])
    opt.zero_grad()
    loss.backward()
    opt.step()
