"""The backbone is unfrozen after its features were computed for all epochs."""
import torch
from torch import nn

torch.manual_seed(0)
backbone, head = nn.Linear(6, 8), nn.Linear(8, 2)
for p in backbone.parameters():
    p.requires_grad = False
x, y = torch.randn(20, 6), torch.randint(0, 2, (20,))
features = torch.relu(backbone(x))


def unfreeze(module):
    for p in module.parameters():
        p.requires_grad = True  # expect: late-requires-grad, also: unreached-parameter


opt = torch.optim.SGD([*backbone.parameters(), *head.parameters()], lr=0.1)
unfreeze(backbone)
for epoch in range(3):
    loss = nn.functional.cross_entropy(head(features), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
