"""Adam and SGD-momentum by hand on raw tensors (course notebook)."""
import torch


class MySGD:
    def __init__(self, params, lr=0.1, momentum=0.9):
        self.params, self.lr, self.mu = list(params), lr, momentum
        self.v = [torch.zeros_like(p) for p in self.params]

    def step(self):
        with torch.no_grad():
            for p, v in zip(self.params, self.v):
                v.mul_(self.mu).add_(p.grad)
                p -= self.lr * v

    def zero_grad(self):
        for p in self.params:
            if p.grad is not None:
                p.grad.zero_()


class MyAdam:
    def __init__(self, params, lr=1e-2, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps, self.t = list(params), lr, betas, eps, 0
        self.state = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.params]

    @torch.no_grad()
    def step(self):
        self.t += 1
        b1, b2 = self.betas
        for p, (m, s) in zip(self.params, self.state):
            m.mul_(b1).add_(p.grad, alpha=1 - b1)
            s.mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
            mhat, shat = m / (1 - b1 ** self.t), s / (1 - b2 ** self.t)
            p.sub_(self.lr * mhat / (shat.sqrt() + self.eps))
            p.grad = None


class TwoLayer:
    def __init__(self, i, h, o):
        self.W1 = torch.randn(i, h).div_(i ** 0.5).requires_grad_()
        self.b1 = torch.zeros(h, requires_grad=True)
        self.W2 = torch.randn(h, o).div_(h ** 0.5).requires_grad_()
        self.b2 = torch.zeros(o, requires_grad=True)

    def __call__(self, x):
        return torch.relu(x @ self.W1 + self.b1) @ self.W2 + self.b2

    def parameters(self):
        return [self.W1, self.b1, self.W2, self.b2]


def log_softmax(x):
    return x - x.exp().sum(-1, keepdim=True).log()


def main():
    torch.manual_seed(0)
    X = torch.randn(60, 5)
    Y = (X[:, 0] + X[:, 1] > 0).long()
    for name, cls in (("sgd", MySGD), ("adam", MyAdam)):
        net = TwoLayer(5, 12, 2)
        opt = cls(net.parameters())
        for epoch in range(3):
            for s in range(0, 60, 20):
                logp = log_softmax(net(X[s:s + 20]))
                loss = -logp[torch.arange(20), Y[s:s + 20]].mean()
                if name == "sgd":
                    opt.zero_grad()
                net.W2.data.clamp_(-0.1, 0.1)  # expect: stale-saved-value
                loss.backward()
                opt.step()
        with torch.no_grad():
            acc = (net(X).argmax(1) == Y).float().mean()
        print(name, loss.item(), acc.item())


if __name__ == "__main__":
    main()
