"""In-place operations that autograd allows: masks, index writes, buffers."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 6), nn.Linear(6, 4)
        self.register_buffer("mean", torch.zeros(4))

    def forward(self, x):
        if self.training:
            self.mean.mul_(0.9).add_(0.1 * x.mean(0))
        h = self.a(x - self.mean)
        h += 0.1
        h = torch.relu_(h)
        out = torch.zeros(x.shape[0], 5)
        out[:, :4] = self.b(h)
        out[:, 4] = h.sum(1)
        return out


torch.manual_seed(0)
model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    x = torch.randn(10, 4)
    x[x.abs() > 2] = 0
    loss = model(x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
model.eval()
with torch.no_grad():
    check = model(torch.zeros(2, 4))
final = loss.item()
print(final, check.shape)
