"""Two losses through one trunk with retain_graph, joined before one step."""
import torch
from torch import nn

torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(5, 12), nn.Tanh())
heads = nn.ModuleList([nn.Linear(12, 1), nn.Linear(12, 2)])
params = [*trunk.parameters(), *heads.parameters()]
opt = torch.optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True)
for step in range(5):
    x = torch.randn(12, 5)
    y = (x[:, 0] > 0).long()
    h = trunk(x)
    reg = nn.functional.mse_loss(heads[0](h).squeeze(1), x.sum(1))
    cls = nn.functional.cross_entropy(heads[1](h), y)
    opt.zero_grad()
    reg.backward(retain_graph=True)
    cls.backward()
    total_norm = nn.utils.clip_grad_norm_(params, 1.0)
    opt.step()
final = reg.item() + cls.item()
print(final, total_norm.item())
