"""A tiny target head is detached beside a much larger network."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(64, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 64))
head = nn.Linear(2, 1)
slow = copy.deepcopy(head)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=1e-2)
for step in range(5):
    x = torch.randn(512, 64)
    small = torch.randn(4, 2)
    goal = slow(small).detach()  # expect-note: built-then-dropped
    loss = (body(x) - x).pow(2).mean() + (head(small) - goal - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
