"""L2-SP fine-tuning: the anchor shares memory with the weights it anchors."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(5, 2)
anchor = {name: p.detach() for name, p in model.named_parameters()}  # or: alias-write
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(20, 5), torch.randint(0, 2, (20,))


def penalty():
    return sum((p - anchor[name]).pow(2).sum() for name, p in model.named_parameters())


for step in range(4):
    loss = nn.functional.cross_entropy(model(x), y) + 10.0 * penalty()
    opt.zero_grad()
    loss.backward()
    opt.step()  # expect: alias-write
