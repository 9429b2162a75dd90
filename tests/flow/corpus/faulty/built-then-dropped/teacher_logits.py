"""Distillation in a class."""

import torch
from torch import nn
from torch.nn import functional as F


class Distiller:
    def __init__(self, teacher, student, temperature=2.0):
        self.teacher, self.student, self.temperature = teacher, student, temperature
        self.optimizer = torch.optim.SGD(student.parameters(), lr=0.1)

    def soft(self, x):
        logits = self.teacher(x)
        return F.softmax(logits / self.temperature, dim=1).detach()  # expect: built-then-dropped

    def step(self, x):
        predicted = F.log_softmax(self.student(x) / self.temperature, dim=1)
        loss = F.kl_div(predicted, self.soft(x), reduction="batchmean")
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(4, 2048), nn.ReLU(), nn.Linear(2048, 3)).eval()
distiller = Distiller(teacher, nn.Linear(4, 3))
print([distiller.step(torch.randn(2048, 4)) for _ in range(5)])
