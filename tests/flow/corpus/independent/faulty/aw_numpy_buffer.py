"""A data pipeline reuses one numpy buffer for all the frames of a clip."""
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
rng = np.random.default_rng(0)
buf = np.empty(6, dtype=np.float64)
model = nn.Linear(6, 1).double()
opt = torch.optim.SGD(model.parameters(), lr=0.05)


def read_clip(n):
    global buf
    frames = []
    for _ in range(n):
        buf[:] = rng.standard_normal(6)  # expect: alias-write
        frames.append(torch.from_numpy(buf))  # or: alias-write
    return frames


for step in range(3):
    frames = read_clip(4)
    scores = torch.stack([model(f) for f in frames])
    loss = (scores - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
