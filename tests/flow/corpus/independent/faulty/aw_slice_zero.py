"""The last frame is masked through a view, which also masks the target."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(12, 12)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    seq = torch.randn(4, 3, 4)
    target = seq
    last = seq[:, -1]
    last.zero_()  # expect: alias-write
    out = model(seq.flatten(1)).view(4, 3, 4)
    loss = (out[:, -1] - target[:, -1]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("reconstruction", loss.item())
