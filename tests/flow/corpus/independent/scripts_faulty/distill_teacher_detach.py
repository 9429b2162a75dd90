"""Knowledge distillation: train teacher, then student with soft targets + hint layer."""
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(8, h), nn.ReLU())
        self.classifier = nn.Linear(h, 3)

    def forward(self, x):
        f = self.features(x)
        return self.classifier(f), f


def train_teacher(net, X, Y, steps):
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(steps):
        opt.zero_grad()
        logits, _ = net(X)
        loss = F.cross_entropy(logits, Y)
        loss.backward()
        opt.step()
    return loss.item()


def distill(teacher, student, regressor, X, Y, steps, T=2.0, alpha=0.3):
    teacher.eval()
    student.train()
    opt = torch.optim.Adam([*student.parameters(), *regressor.parameters()], lr=1e-2)
    for _ in range(steps):
        opt.zero_grad()
        t_logits, t_feat = (t.detach() for t in teacher(X))  # expect: built-then-dropped
        s_logits, s_feat = student(X)
        soft_targets = F.softmax(t_logits / T, dim=-1)
        soft_prob = F.log_softmax(s_logits / T, dim=-1)
        kd = torch.sum(soft_targets * (soft_targets.log() - soft_prob)) / soft_prob.size(0) * T ** 2
        hint = F.mse_loss(regressor(s_feat), t_feat)
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(s_logits, Y) + 0.1 * hint
        loss.backward()
        opt.step()
    return loss.item()


def test(model, X, Y):
    model.eval()
    with torch.no_grad():
        return (model(X)[0].argmax(1) == Y).float().mean().item()


if __name__ == "__main__":
    torch.manual_seed(0)
    Y = torch.randint(0, 3, (60,))
    X = torch.randn(60, 8) + 2 * F.one_hot(Y, 8)
    teacher, student = Net(32), Net(6)
    print("teacher", train_teacher(teacher, X, Y, 6), test(teacher, X, Y))
    print("student", distill(teacher, student, nn.Linear(6, 32), X, Y, 6), test(student, X, Y))
