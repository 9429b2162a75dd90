"""Features are extracted in inference mode by a wrapper object."""
import torch
from torch import nn

torch.manual_seed(0)
encoder = nn.Linear(6, 4)
head = nn.Linear(4, 2)
opt = torch.optim.SGD([{"params": encoder.parameters(), "lr": 1e-3},
                       {"params": head.parameters()}], lr=1e-2)


class Features:
    def __init__(self, net):
        self.net = net

    def __call__(self, x):
        with torch.inference_mode():  # expect: unreached-parameter
            f = torch.relu(self.net(x))  # or: unreached-parameter
        return f.clone()


features = Features(encoder)
x, y = torch.randn(9, 6), torch.randint(0, 2, (9,))
for _ in range(3):
    loss = nn.functional.cross_entropy(head(features(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
