"""A learned temperature divides the logits as a Python number."""
import torch
from torch import nn


class Cosine(nn.Module):
    def __init__(self, dim, n):
        super().__init__()
        self.proj = nn.Linear(dim, n)
        self.temp = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return self.proj(x) / self.temp.item()  # expect: left-the-graph, also: unreached-parameter


torch.manual_seed(0)
model = Cosine(5, 3)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x, y = torch.randn(11, 5), torch.randint(0, 3, (11,))
for epoch in range(3):
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(epoch, loss.item())
