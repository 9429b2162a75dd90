"""Every way to clear a gradient, in one program."""

import torch
from torch import nn


def none(parameters):
    for p in parameters:
        p.grad = None


def in_place(parameters):
    for p in parameters:
        if p.grad is not None:
            p.grad.zero_()


def through_data(parameters):
    for p in parameters:
        if p.grad is not None:
            p.grad.data.zero_()


def detached(parameters):
    for p in parameters:
        if p.grad is not None:
            p.grad.detach_()
            p.grad.fill_(0.0)


torch.manual_seed(0)
model = nn.Linear(3, 2)
parameters = list(model.parameters())
optimizer = torch.optim.SGD(parameters, lr=0.1)
ways = [
    lambda: none(parameters),
    lambda: in_place(parameters),
    lambda: through_data(parameters),
    lambda: detached(parameters),
    lambda: optimizer.zero_grad(set_to_none=False),
    lambda: optimizer.zero_grad(),
    lambda: model.zero_grad(),
]
x, y = torch.randn(8, 3), torch.randn(8, 2)
for clear in ways:
    clear()
    loss = nn.functional.l1_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(loss.item())
