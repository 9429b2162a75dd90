"""A model declares an auxiliary head and never calls it."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(5, 10)
        self.head = nn.Linear(10, 3)
        self.aux = nn.Linear(10, 1)  # expect: unreached-parameter

    def forward(self, x):
        h = torch.relu(self.body(x))
        return self.head(h)


torch.manual_seed(0)
model = Net()
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
x, y = torch.randn(12, 5), torch.randint(0, 3, (12,))
for epoch in range(4):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
print(f"final {loss.item():.3f}")
