"""Multi-task training with learned loss weights."""
import torch
from torch import nn


class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 16), nn.ReLU())
        self.heads = nn.ModuleDict({"cls": nn.Linear(16, 3), "reg": nn.Linear(16, 1)})
        self.log_vars = nn.ParameterDict({k: nn.Parameter(torch.zeros(())) for k in self.heads})

    def forward(self, x):
        h = self.trunk(x)
        return {k: head(h) for k, head in self.heads.items()}


torch.manual_seed(0)
model = Multi()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
losses_fn = {"cls": nn.CrossEntropyLoss(), "reg": nn.MSELoss()}
for _ in range(5):
    x = torch.randn(16, 6)
    y = {"cls": torch.randint(0, 3, (16,)), "reg": x.mean(1, keepdim=True)}
    out = model(x)
    parts = {k: f(out[k], y[k]) for k, f in losses_fn.items()}
    total = sum(torch.exp(-model.log_vars[k]) * v + model.log_vars[k] for k, v in parts.items())
    opt.zero_grad()
    total.backward()
    opt.step()
    report = {k: round(v.item(), 3) for k, v in parts.items()}
final = total.item()
print(report, final)
