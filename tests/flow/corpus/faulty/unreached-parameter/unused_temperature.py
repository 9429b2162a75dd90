"""Contrastive pairs with a learned temperature."""

import torch
from torch import nn


class Contrast(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.image = nn.Linear(width, 4)
        self.text = nn.Linear(width, 4)
        self.temperature = nn.Parameter(torch.tensor(0.07))  # expect: unreached-parameter

    def forward(self, image, text, temperature=0.07):
        a = nn.functional.normalize(self.image(image), dim=1)
        b = nn.functional.normalize(self.text(text), dim=1)
        return a @ b.t() / temperature


def train(model, pairs):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for image, text in pairs:
        logits = model(image, text)
        loss = nn.functional.cross_entropy(logits, torch.arange(len(image)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
print(train(Contrast(5), [(torch.randn(4, 5), torch.randn(4, 5)) for _ in range(4)]))
