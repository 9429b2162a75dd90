"""Train an autoencoder and watch its code with a linear probe."""

import torch
from torch import nn
from torch.nn import functional as F


def main():
    torch.manual_seed(0)
    encoder, decoder, probe = nn.Linear(6, 3), nn.Linear(3, 6), nn.Linear(3, 2)
    model_optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
    probe_optimizer = torch.optim.SGD(probe.parameters(), lr=0.1)
    x = torch.randn(12, 6)
    labels = (x[:, 0] > 0).long()

    for _ in range(5):
        probe_loss = F.cross_entropy(probe(encoder(x)), labels)
        probe_optimizer.zero_grad()
        probe_loss.backward()  # expect: wasted-gradient
        probe_optimizer.step()

        model_optimizer.zero_grad()
        loss = F.mse_loss(decoder(torch.tanh(encoder(x))), x)
        loss.backward()
        model_optimizer.step()
    print(loss.item(), probe_loss.item())


if __name__ == "__main__":
    main()
