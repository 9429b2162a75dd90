"""Some layers rest in some steps."""

import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.out = nn.Linear(width, 1)

    def forward(self, x, awake):
        for i, layer in enumerate(self.layers):
            if not self.training or i in awake:
                x = x + torch.tanh(layer(x))
        return self.out(x)


torch.manual_seed(0)
model = Deep(4, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(6):
    x = torch.randn(8, 4)
    loss = nn.functional.mse_loss(model(x, {step % 3}), x[:, :1])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, loss.item())
