"""Domain adaptation: a discriminator first, then the features."""

import torch
from torch import nn

torch.manual_seed(0)
features = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
label, domain = nn.Linear(8, 2), nn.Linear(8, 1)
main = torch.optim.SGD([*features.parameters(), *label.parameters()], lr=0.1)
side = torch.optim.SGD(domain.parameters(), lr=0.1)
bce = nn.functional.binary_cross_entropy_with_logits

for epoch in range(4):
    source, target = torch.randn(8, 4), torch.randn(8, 4) + 0.5
    y = (source[:, 0] > 0).long()

    logits = domain(features(torch.cat([source, target])))
    truth = torch.cat([torch.ones(8, 1), torch.zeros(8, 1)])
    side.zero_grad()
    bce(logits, truth).backward()  # expect: wasted-gradient
    side.step()

    main.zero_grad()
    domain.requires_grad_(False)
    confusion = bce(domain(features(target)), torch.ones(8, 1))
    loss = nn.functional.cross_entropy(label(features(source)), y) + 0.1 * confusion
    loss.backward()
    main.step()
    domain.requires_grad_(True)
    print(epoch, loss.item())
