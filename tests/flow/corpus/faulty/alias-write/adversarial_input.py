"""How much does a small step against the model hurt?"""

import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3)).requires_grad_(False)
criterion = nn.CrossEntropyLoss()
x = torch.randn(8, 6, requires_grad=True)
y = torch.randint(0, 3, (8,))

criterion(model(x), y).backward()
slope = x.grad.clone()
x.grad = None

adversarial = x.detach()
adversarial += 0.3 * slope.sign()  # expect: alias-write

clean = criterion(model(x), y)
attacked = criterion(model(adversarial), y)
clean.backward()
print("clean", clean.item(), "attacked", attacked.item(), "slope", x.grad.norm().item())
