"""Train on sequences with a loss from a small library."""

import torch
from helpers_losses import sequence_loss
from torch import nn


def main():
    torch.manual_seed(0)
    model = nn.GRU(2, 2, batch_first=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    sequences = [torch.randn(1, n, 2) for n in (4, 6, 3)]
    for _ in range(3):
        outputs = [model(s)[0][:, :-1] for s in sequences]
        loss = sequence_loss(outputs, [s[:, 1:] for s in sequences])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


main()
