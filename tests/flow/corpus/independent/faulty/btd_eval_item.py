"""The evaluation loop records graphs and keeps only a number."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(10, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
train = [(torch.randn(64, 10), torch.randn(64, 1)) for _ in range(2)]
val = [(torch.randn(512, 10), torch.randn(512, 1)) for _ in range(4)]


def evaluate(model, loader):
    model.eval()
    total = 0.0
    for x, y in loader:
        out = model(x)  # or: built-then-dropped
        total += nn.functional.mse_loss(out, y).detach() * len(x)  # expect: built-then-dropped
    model.train()
    return total / sum(len(x) for x, _ in loader)


for epoch in range(2):
    for x, y in train:
        loss = nn.functional.mse_loss(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} val {evaluate(model, val):.4f}")
