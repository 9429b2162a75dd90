"""A linear probe's backward also fills the encoder, which is zeroed before its step."""
import torch
from torch import nn
import torch.nn.functional as F


class Probe(nn.Module):
    def __init__(self, dim, classes):
        super().__init__()
        self.fc = nn.Linear(dim, classes)

    def loss(self, feats, labels):
        return F.cross_entropy(self.fc(feats), labels)


torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 8))
decoder = nn.Linear(8, 8)
probe = Probe(8, 3)
opts = dict(probe=torch.optim.SGD(probe.parameters(), lr=0.1),
            ae=torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3))
for _ in range(4):
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    probe_loss = probe.loss(encoder(x), y)
    opts["probe"].zero_grad()
    probe_loss.backward()  # expect: wasted-gradient
    opts["probe"].step()

    recon = F.mse_loss(decoder(encoder(x)), x)
    opts["ae"].zero_grad()
    recon.backward()
    opts["ae"].step()
