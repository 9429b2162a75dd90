"""Stochastic weight averaging with batch-norm update."""
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
x, y = torch.randn(32, 4), torch.randint(0, 2, (32,))
loader = DataLoader(TensorDataset(x, y), batch_size=8)
swa_model = AveragedModel(model)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
swa_sched = SWALR(opt, swa_lr=0.05)
for epoch in range(4):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    if epoch >= 2:
        swa_model.update_parameters(model)
        swa_sched.step()
    else:
        sched.step()
update_bn(loader, swa_model)
swa_model.eval()
with torch.no_grad():
    final = nn.functional.cross_entropy(swa_model(x), y).item()
print(final)
