"""Knowledge distillation from a frozen teacher."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 3)).eval()
student = nn.Linear(5, 3)
opt = torch.optim.SGD(student.parameters(), lr=0.1)


def kd_loss(s, t, y, T=2.0, a=0.7):
    soft = F.kl_div(F.log_softmax(s / T, -1), F.softmax(t / T, -1), reduction="batchmean") * T * T
    return a * soft + (1 - a) * F.cross_entropy(s, y)


for _ in range(6):
    x, y = torch.randn(16, 5), torch.randint(0, 3, (16,))
    with torch.no_grad():
        t = teacher(x)
    loss = kd_loss(student(x), t, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
final = loss.item()
print(f"{final:.3f}")
