"""Logs with item(), numpy() and tolist(); nothing logged comes back."""
import json
import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 12), nn.ReLU(), nn.Linear(12, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
log = {"loss": [], "acc": [], "gradnorm": [], "confusion": np.zeros((3, 3), int)}
for epoch in range(3):
    for _ in range(3):
        x, y = torch.randn(16, 4), torch.randint(0, 3, (16,))
        out = model(x)
        loss = nn.functional.cross_entropy(out, y)
        opt.zero_grad()
        loss.backward()
        log["gradnorm"].append(sum(p.grad.norm().item() ** 2 for p in model.parameters()) ** 0.5)
        opt.step()
        pred = out.argmax(dim=1)
        log["acc"].append((pred == y).float().mean().item())
        log["loss"].append(loss.detach().cpu().numpy().item())
        np.add.at(log["confusion"], (y.numpy(), pred.numpy()), 1)
    print(f"epoch {epoch}: loss={np.mean(log['loss']):.3f} acc={np.mean(log['acc']):.2f} last={loss:.4f}")
print(json.dumps({"bias": model[2].bias.tolist()}))
final = log["loss"][-1]
