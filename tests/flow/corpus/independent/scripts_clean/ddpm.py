"""Denoising diffusion on 2-D points with EMA weights."""
import copy
import math
import torch
from torch import nn


def sinusoidal(t, dim):
    half = dim // 2
    freqs = torch.exp(-math.log(1000.0) * torch.arange(half) / half)
    a = t[:, None].float() * freqs[None]
    return torch.cat([a.sin(), a.cos()], dim=-1)


class Denoiser(nn.Module):
    def __init__(self, dim=2, hidden=32, tdim=8):
        super().__init__()
        self.tdim = tdim
        self.time_mlp = nn.Sequential(nn.Linear(tdim, hidden), nn.SiLU())
        self.inp = nn.Linear(dim, hidden)
        self.mid = nn.Linear(hidden, hidden)
        self.out = nn.Linear(hidden, dim)

    def forward(self, x, t):
        h = self.inp(x) + self.time_mlp(sinusoidal(t, self.tdim))
        h = h + torch.nn.functional.silu(self.mid(h))
        return self.out(h)


class Diffusion(nn.Module):
    def __init__(self, T=20):
        super().__init__()
        self.T = T
        betas = torch.linspace(1e-4, 0.2, T)
        self.register_buffer("betas", betas)
        self.register_buffer("abar", torch.cumprod(1 - betas, 0))

    def q_sample(self, x0, t, noise):
        a = self.abar[t][:, None]
        return a.sqrt() * x0 + (1 - a).sqrt() * noise

    @torch.no_grad()
    def sample(self, model, n):
        x = torch.randn(n, 2)
        for i in reversed(range(self.T)):
            t = torch.full((n,), i, dtype=torch.long)
            eps = model(x, t)
            b, a = self.betas[i], self.abar[i]
            x = (x - b / (1 - a).sqrt() * eps) / (1 - b).sqrt()
            if i > 0:
                x += b.sqrt() * torch.randn_like(x)
        return x


class EMA:
    def __init__(self, model, decay=0.9):
        self.decay = decay
        self.model = copy.deepcopy(model).eval()
        for p in self.model.parameters():
            p.requires_grad_(False)

    @torch.no_grad()
    def update(self, model):
        for e, p in zip(self.model.parameters(), model.parameters()):
            e.mul_(self.decay).add_(p, alpha=1 - self.decay)


def main():
    torch.manual_seed(0)
    diff, model = Diffusion(), Denoiser()
    ema = EMA(model)
    opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
    data = torch.randn(128, 2) * 0.1 + torch.tensor([1.0, -1.0])
    for step in range(10):
        x0 = data[torch.randperm(128)[:32]]
        t = torch.randint(0, diff.T, (32,))
        noise = torch.randn_like(x0)
        pred = model(diff.q_sample(x0, t, noise), t)
        loss = nn.functional.mse_loss(pred, noise)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        ema.update(model)
        if step % 5 == 0:
            print(f"step {step} loss {loss.item():.4f} lr {sched.get_last_lr()[0]:.5f}")
    print("mean of samples", diff.sample(ema.model, 16).mean(0).tolist())


if __name__ == "__main__":
    main()
