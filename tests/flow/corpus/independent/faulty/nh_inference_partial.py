"""A scoring function bound with functools.partial."""
import functools
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))


@torch.inference_mode()  # expect: no-history, also: unreached-parameter
def score(net, inputs, *, temperature):  # or: no-history
    logits = net(inputs)  # or: no-history
    return logits / temperature


cold = functools.partial(score, net, temperature=0.5)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(10, 6)
y = torch.randint(0, 3, (10,))
for _ in range(2):
    loss = nn.functional.cross_entropy(cold(x).clone(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
