"""Two task losses share a trunk and are back-propagated one by one."""
import torch
from torch import nn


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(5, 10), nn.Sigmoid())
        self.heads = nn.ModuleDict({"cls": nn.Linear(10, 3), "reg": nn.Linear(10, 1)})

    def forward(self, x):
        h = self.trunk(x)
        return {name: head(h) for name, head in self.heads.items()}


torch.manual_seed(0)
model = MultiTask()
opt = torch.optim.Adam(model.parameters())
x, c, r = torch.randn(8, 5), torch.randint(0, 3, (8,)), torch.randn(8, 1)
for _ in range(2):
    out = model(x)
    cls_loss = nn.functional.cross_entropy(out["cls"], c)
    reg_loss = nn.functional.mse_loss(out["reg"], r)
    opt.zero_grad()
    cls_loss.backward()
    reg_loss.backward()  # expect: backward-twice
    opt.step()
