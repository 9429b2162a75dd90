"""Checkpoint to memory and resume: model, optimiser and scheduler."""
import io
import torch
from torch import nn


def build():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    return model, opt, torch.optim.lr_scheduler.StepLR(opt, 2)


def train(model, opt, sched, steps):
    for _ in range(steps):
        x = torch.randn(16, 4)
        loss = nn.functional.mse_loss(model(x), x.sum(1, keepdim=True))
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
    return loss.item()


torch.manual_seed(0)
model, opt, sched = build()
first = train(model, opt, sched, 3)
buffer = io.BytesIO()
torch.save({"model": model.state_dict(), "opt": opt.state_dict(), "sched": sched.state_dict()}, buffer)
buffer.seek(0)
ckpt = torch.load(buffer)
model2, opt2, sched2 = build()
model2.load_state_dict(ckpt["model"])
opt2.load_state_dict(ckpt["opt"])
sched2.load_state_dict(ckpt["sched"])
final = train(model2, opt2, sched2, 3)
print(first, final)
