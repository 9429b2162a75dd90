"""FGSM attack and PGD adversarial training."""
import torch
import torch.nn as nn
import torch.nn.functional as F


def fgsm_attack(image, epsilon, data_grad):
    return torch.clamp(image + epsilon * data_grad.sign(), -3, 3)


def pgd(model, x, y, eps=0.3, alpha=0.1, steps=3):
    x_adv = x + torch.empty_like(x).uniform_(-eps, eps)
    for _ in range(steps):
        x_adv.requires_grad_(True)
        with torch.enable_grad():
            loss = F.cross_entropy(model(x_adv), y)
        grad = torch.autograd.grad(loss, [x_adv])[0]
        x_adv = x_adv.detach() + alpha * torch.sign(grad.detach())
        x_adv = torch.min(torch.max(x_adv, x - eps), x + eps)
    return x_adv.detach()


def train(model, opt, X, Y):
    for i in range(0, len(X), 16):
        x, y = X[i:i + 16], Y[i:i + 16]
        model.eval()
        x_adv = pgd(model, x, y)
        model.train()
        opt.zero_grad()
        loss = 0.5 * F.cross_entropy(model(x), y) + 0.5 * F.cross_entropy(model(x_adv), y)
        loss.backward()
        opt.step()
    return loss.item()


def test(model, X, Y, epsilon):
    model.eval()
    for p in model.parameters():
        p.requires_grad_(False)
    correct = 0
    for x, y in zip(X.split(8), Y.split(8)):
        x = (x.clone().requires_grad_(True) - 0.1) / 1.1  # expect: non-leaf-grad
        loss = F.nll_loss(F.log_softmax(model(x), 1), y)
        loss.backward()
        adv = fgsm_attack(x, epsilon, x.grad.data)
        correct += (model(adv).max(1)[1] == y).sum().item()
    for p in model.parameters():
        p.requires_grad_(True)
    return correct / len(X)


def main():
    torch.manual_seed(0)
    Y = torch.randint(0, 3, (48,))
    X = torch.randn(48, 6) + F.one_hot(Y, 6) * 2.0
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 3))
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    for epoch in range(3):
        print(epoch, train(model, opt, X, Y), [test(model, X, Y, e) for e in (0.0, 0.1, 0.3)])


if __name__ == "__main__":
    main()
