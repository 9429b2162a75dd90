"""Features pass through numpy in the middle of the model."""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
enc = nn.Linear(4, 6)
head = nn.Linear(6, 1)
opt = torch.optim.SGD([*enc.parameters(), *head.parameters()], lr=0.1)
x, y = torch.randn(8, 4), torch.randn(8, 1)


def forward(x):
    h = enc(x)
    h = torch.from_numpy(np.log1p(np.exp(h.detach().numpy())))  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped
    return head(h)


for _ in range(3):
    loss = F.mse_loss(forward(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
