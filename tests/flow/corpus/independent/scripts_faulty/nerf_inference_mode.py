"""Tiny NeRF: positional encoding + volume rendering, with stratified + importance sampling."""
import torch
from torch import nn


class PosEnc(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.register_buffer("freqs", 2.0 ** torch.arange(n))

    def forward(self, x):
        parts = [x]
        for f in self.freqs:
            parts += [torch.sin(f * x), torch.cos(f * x)]
        return torch.cat(parts, -1)


class NeRF(nn.Module):
    def __init__(self, nfreq=3, h=24):
        super().__init__()
        self.enc = PosEnc(nfreq)
        d = 3 * (1 + 2 * nfreq)
        self.l1, self.l2 = nn.Linear(d, h), nn.Linear(h + d, h)
        self.sigma, self.rgb = nn.Linear(h, 1), nn.Linear(h, 3)

    def forward(self, x):
        e = self.enc(x)
        h = torch.relu(self.l1(e))
        h = torch.relu(self.l2(torch.cat([h, e], -1)))
        return torch.sigmoid(self.rgb(h)), nn.functional.softplus(self.sigma(h)).squeeze(-1)


def render(rgb, sigma, z):
    delta = torch.cat([z[:, 1:] - z[:, :-1], torch.full_like(z[:, :1], 1e2)], -1)
    alpha = 1 - torch.exp(-sigma * delta)
    trans = torch.cumprod(torch.cat([torch.ones_like(alpha[:, :1]), 1 - alpha + 1e-10], -1), -1)[:, :-1]
    w = alpha * trans
    return (w[..., None] * rgb).sum(1), w


def sample_pdf(z, w, n):
    w = w + 1e-5
    cdf = torch.cumsum(w / w.sum(-1, keepdim=True), -1).contiguous()
    u = torch.rand(z.size(0), n)
    idx = torch.searchsorted(cdf, u).clamp(max=z.size(1) - 1)
    return torch.gather(z, 1, idx) + 0.01 * torch.rand(z.size(0), n)


@torch.inference_mode()  # expect: no-history
def render_rays(model, fine, o, d, n=8):
    z = torch.linspace(1, 3, n).expand(o.size(0), n) + torch.rand(o.size(0), n) * 0.1
    pts = o[:, None] + d[:, None] * z[..., None]
    coarse_rgb, w = render(*model(pts), z)
    z2 = sample_pdf(z, w.detach(), n)
    z_all, _ = torch.sort(torch.cat([z, z2], -1), -1)
    pts = o[:, None] + d[:, None] * z_all[..., None]
    fine_rgb, _ = render(*fine(pts), z_all)
    return coarse_rgb, fine_rgb


def main():
    torch.manual_seed(0)
    coarse, fine = NeRF(), NeRF()
    params = list(coarse.parameters()) + list(fine.parameters())
    opt = torch.optim.Adam(params, lr=5e-4)
    d = nn.functional.normalize(torch.randn(64, 3), dim=-1)
    o = torch.zeros(64, 3)
    target = (d + 1) / 2
    for i in range(5):
        sel = torch.randint(0, 64, (16,))
        c, f = render_rays(coarse, fine, o[sel], d[sel])
        img_loss = ((f - target[sel]) ** 2).mean()
        loss = img_loss + ((c - target[sel]) ** 2).mean()
        psnr = -10.0 * torch.log10(img_loss.detach())
        opt.zero_grad()
        loss.backward()
        opt.step()
        for g in opt.param_groups:
            g["lr"] = 5e-4 * (0.1 ** (i / 250))
        print(f"iter {i} loss {loss.item():.4f} psnr {psnr.item():.2f}")


if __name__ == "__main__":
    main()
