"""The optimiser is given the backbone and not the head."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(5, 12), nn.ReLU())
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        return self.head(self.backbone(x))


torch.manual_seed(0)
model = Net()
opt = torch.optim.SGD(model.backbone.parameters(), lr=0.1)
x, y = torch.randn(14, 5), torch.randint(0, 2, (14,))
for epoch in range(4):
    loss = nn.functional.cross_entropy(model(x), y)
    model.zero_grad()
    loss.backward()  # expect: not-in-optimizer, also: wasted-gradient
    opt.step()
