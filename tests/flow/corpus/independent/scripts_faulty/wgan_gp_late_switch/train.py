"""WGAN-GP on a ring of Gaussians."""
import argparse
import math
import torch
from torch import autograd
from models import Critic, Generator


def real_batch(n):
    k = torch.randint(0, 8, (n,)) * (2 * math.pi / 8)
    return torch.stack([k.cos(), k.sin()], 1) * 2 + 0.05 * torch.randn(n, 2)


def gradient_penalty(critic, real, fake):
    eps = torch.rand(real.size(0), 1)
    inter = eps * real + (1 - eps) * fake
    score = critic(inter)
    inter.requires_grad_(True)  # expect: late-requires-grad
    grads = autograd.grad(outputs=score, inputs=inter, grad_outputs=torch.ones_like(score),
                          create_graph=True, retain_graph=True, only_inputs=True)[0]
    return ((grads.norm(2, dim=1) - 1) ** 2).mean()


def train_critic(critic, gen, opt, args):
    real = real_batch(args.batch_size)
    with torch.no_grad():
        fake = gen.sample(args.batch_size)
    opt.zero_grad(set_to_none=True)
    gp = gradient_penalty(critic, real, fake)
    w = critic(fake).mean() - critic(real).mean()
    loss = w + args.lambda_gp * gp
    loss.backward()
    opt.step()
    return -w.item(), gp.item()


def train_generator(critic, gen, opt, args):
    for p in critic.parameters():
        p.requires_grad_(False)
    opt.zero_grad(set_to_none=True)
    loss = -critic(gen.sample(args.batch_size)).mean()
    loss.backward()
    opt.step()
    for p in critic.parameters():
        p.requires_grad_(True)
    return loss.item()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--steps", type=int, default=4)
    ap.add_argument("--n_critic", type=int, default=3)
    ap.add_argument("--batch_size", type=int, default=16)
    ap.add_argument("--lambda_gp", type=float, default=10.0)
    args = ap.parse_args()
    torch.manual_seed(0)
    gen, critic = Generator(), Critic()
    opt_g = torch.optim.Adam(gen.parameters(), lr=1e-3, betas=(0.0, 0.9))
    opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3, betas=(0.0, 0.9))
    history = []
    for step in range(args.steps):
        for _ in range(args.n_critic):
            w, gp = train_critic(critic, gen, opt_c, args)
        g = train_generator(critic, gen, opt_g, args)
        history.append({"step": step, "w": w, "gp": gp, "g": g})
    for row in history:
        print(row)


if __name__ == "__main__":
    main()
