"""Fine-tuning: the filter that freezes the backbone matches the head as well."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net_backbone = nn.Linear(8, 8)
        self.net_head = nn.Linear(8, 2)

    def forward(self, x):
        return self.net_head(torch.relu(self.net_backbone(x)))


def freeze(model, prefix):
    for name, p in model.named_parameters():
        if name.startswith(prefix):
            p.requires_grad = False  # expect: no-history


torch.manual_seed(0)
model = Net()
freeze(model, "net")
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(6, 8), torch.randint(0, 2, (6,))
for _ in range(2):
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
