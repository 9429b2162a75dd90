"""The input's numpy buffer is wiped before backward."""
import numpy as np
import torch

torch.manual_seed(0)
buf = np.ones(5)
w = torch.zeros(5, dtype=torch.float64, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for step in range(2):
    buf[:] = np.arange(5) + step
    x = torch.from_numpy(buf)
    pred = (w * x).sum()
    loss = pred - 3.0
    buf[:] = 0.0  # expect: stale-saved-value
    opt.zero_grad()
    loss.backward()
    opt.step()
print("w", w.tolist())
