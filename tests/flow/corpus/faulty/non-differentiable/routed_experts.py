"""Every token goes through its two best experts, with equal weight."""

import torch
from helpers_routing import route
from torch import nn


class Experts(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.router = nn.Linear(width, count, bias=False)
        self.experts = nn.ModuleList([nn.Linear(width, width) for _ in range(count)])

    def forward(self, x):
        chosen = route(self.router(x), 2)
        outputs = torch.stack([expert(x) for expert in self.experts], dim=1)
        index = chosen.unsqueeze(-1).expand(-1, -1, x.shape[-1])
        return outputs.gather(1, index).mean(dim=1)


torch.manual_seed(0)
model = Experts(4, 3)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
x = torch.randn(10, 4)
for _ in range(4):
    loss = nn.functional.mse_loss(model(x), torch.tanh(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
