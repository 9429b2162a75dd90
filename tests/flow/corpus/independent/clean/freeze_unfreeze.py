"""Fine-tuning in two phases: head first, then everything."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(5, 10), nn.ReLU())
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        return self.head(self.backbone(x))


def train(model, opt, steps):
    for _ in range(steps):
        x, y = torch.randn(12, 5), torch.randint(0, 2, (12,))
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


torch.manual_seed(0)
model = Net()
for p in model.backbone.parameters():
    p.requires_grad = False
opt = torch.optim.SGD(model.head.parameters(), lr=0.1)
train(model, opt, 3)
for p in model.backbone.parameters():
    p.requires_grad = True
opt.add_param_group({"params": model.backbone.parameters(), "lr": 0.01})
final = train(model, opt, 3)
print(final)
