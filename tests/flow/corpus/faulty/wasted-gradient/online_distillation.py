"""A teacher learns from labels, a student from the teacher, in turns."""

import torch
from helpers_distill import distill
from torch import nn

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
student = nn.Linear(4, 3)
teacher_optimizer = torch.optim.Adam(teacher.parameters(), lr=1e-2)
student_optimizer = torch.optim.Adam(student.parameters(), lr=1e-2)

for step in range(5):
    x = torch.randn(9, 4)
    y = x[:, :3].argmax(dim=1)
    teacher_optimizer.zero_grad()
    loss = nn.functional.cross_entropy(teacher(x), y)
    loss.backward()
    teacher_optimizer.step()
    print(step, loss.item(), distill(student, teacher, student_optimizer, x))
