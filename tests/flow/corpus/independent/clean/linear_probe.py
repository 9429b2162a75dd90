"""A linear probe on features computed under no_grad, cached once."""
import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
backbone.eval()
images, labels = torch.randn(24, 1, 6, 6), torch.randint(0, 3, (24,))


@torch.inference_mode()
def extract(net, images, batch=8):
    return torch.cat([net(b) for b in images.split(batch)])


feats = extract(backbone, images).clone()
feats = (feats - feats.mean(0)) / (feats.std(0) + 1e-6)
probe = nn.Linear(4, 3)
opt = torch.optim.Adam(probe.parameters(), lr=0.05)
for epoch in range(6):
    loss = nn.functional.cross_entropy(probe(feats), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    acc = (probe(feats).argmax(1) == labels).float().mean()
final = loss.item()
print(f"{final:.3f} {acc:.2f}")
