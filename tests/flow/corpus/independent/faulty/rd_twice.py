"""A caller detaches again what a method has detached already."""
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Linear(3, 6)
        self.g = nn.Linear(6, 6)

    def encode(self, x):
        z = torch.tanh(self.f(x))
        return z, z.detach()


torch.manual_seed(0)
model = Model()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
a, b = torch.randn(9, 3), torch.randn(9, 3)
for _ in range(3):
    za, sa = model.encode(a)
    zb, sb = model.encode(b)
    loss = -(nn.functional.cosine_similarity(model.g(za), sb.detach()).mean()  # expect-note: redundant-detach
             + nn.functional.cosine_similarity(model.g(zb), sa).mean())
    opt.zero_grad()
    loss.backward()
    opt.step()
