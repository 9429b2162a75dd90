"""Energy-based model with Langevin dynamics and a replay buffer (UvA course style)."""
import random
import torch
from torch import nn


class Energy(nn.Module):
    def __init__(self, d=2, h=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, h), nn.SiLU(), nn.Linear(h, h), nn.SiLU(), nn.Linear(h, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


class Sampler:
    def __init__(self, model, n, max_len=64):
        self.model, self.n, self.max_len = model, n, max_len
        self.examples = [torch.rand(1, 2) * 2 - 1 for _ in range(n)]

    def sample_new_exmps(self, steps=5, step_size=0.1):
        n_new = self.n // 4
        rand = torch.rand(n_new, 2) * 2 - 1
        old = torch.cat(random.choices(self.examples, k=self.n - n_new), dim=0)
        inp = torch.cat([rand, old], dim=0).detach()
        inp = Sampler.generate_samples(self.model, inp, steps, step_size)
        self.examples = list(inp.chunk(self.n, dim=0)) + self.examples
        self.examples = self.examples[:self.max_len]
        return inp

    @staticmethod
    def generate_samples(model, x, steps, step_size):
        is_training = model.training
        model.eval()
        for p in model.parameters():
            p.requires_grad = False
        x.requires_grad = True
        had = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        noise = torch.randn_like(x)
        for _ in range(steps):
            noise.normal_(0, 0.01)
            x.data.add_(noise.data)
            out = -model(x)
            out.sum().backward()
            x.grad.data.clamp_(-0.5, 0.5)
            x.data.add_(-step_size * x.grad.data)
            x.grad.detach_()
            x.grad.zero_()
            x.data.clamp_(-2, 2)
        for p in model.parameters():
            p.requires_grad = True
        model.train(is_training)
        torch.set_grad_enabled(had)
        return x.detach()


def main():
    random.seed(0)
    torch.manual_seed(0)
    model = Energy()
    sampler = Sampler(model, 16)
    opt = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.0, 0.999))
    for it in range(5):
        real = torch.randn(16, 2) * 0.2 + 0.5
        fake = sampler.sample_new_exmps()
        real_out, fake_out = model(torch.cat([real, fake])).chunk(2)
        reg = 0.1 * (real_out ** 2 + fake_out ** 2).mean()
        cd = fake_out.mean() - real_out.mean()
        loss = reg + cd
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        opt.step()
        print(it, cd.item(), reg.item())


if __name__ == "__main__":
    main()
