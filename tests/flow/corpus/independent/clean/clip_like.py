"""Two towers, a symmetric contrastive loss and a learned, clamped temperature."""
import math
import torch
from torch import nn
import torch.nn.functional as F


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(nn.Flatten(), nn.Linear(16, 8))
        self.text = nn.EmbeddingBag(20, 8)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, img, txt):
        i = F.normalize(self.image(img), dim=-1)
        t = F.normalize(self.text(txt), dim=-1)
        return self.logit_scale.exp() * i @ t.t()


torch.manual_seed(0)
model = Clip()
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
for step in range(5):
    img, txt = torch.randn(6, 4, 4), torch.randint(0, 20, (6, 5))
    logits = model(img, txt)
    labels = torch.arange(6)
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        model.logit_scale.clamp_(0, math.log(100))
    acc = (logits.argmax(1) == labels).float().mean().item()
final = loss.item()
print(final, acc)
