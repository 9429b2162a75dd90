"""Distillation that back-propagates into the teacher and throws it away."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 4))
student = nn.Linear(6, 4)
opt = torch.optim.SGD(student.parameters(), lr=0.1)


def distill_loss(x, T=3.0):
    t = F.softmax(teacher(x) / T, dim=1)
    s = F.log_softmax(student(x) / T, dim=1)
    return -(t * s).sum(1).mean() * T * T


for _ in range(5):
    x = torch.randn(32, 6)
    loss = distill_loss(x)
    loss.backward()  # expect: wasted-gradient, also: not-in-optimizer
    opt.step()
    student.zero_grad()
    teacher.zero_grad()
