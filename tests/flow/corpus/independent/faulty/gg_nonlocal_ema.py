"""A closure smooths the loss for display and holds every graph."""
import torch
from torch import nn

torch.manual_seed(0)


def make_tracker():
    ema = None

    def update(value):
        nonlocal ema
        ema = value if ema is None else 0.9 * ema + 0.1 * value  # expect: graph-growth
        return float(ema)

    return update


model = nn.Linear(6, 2)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
tracker = make_tracker()
for step in range(20):
    x, y = torch.randn(7, 6), torch.randint(0, 2, (7,))
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    shown = tracker(loss)
print(f"smoothed {shown:.3f}")
