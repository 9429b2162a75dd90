"""Logistic regression in float64 with a penalty, compared with numpy."""
import numpy as np
import torch

rng = np.random.default_rng(0)
Xn = rng.normal(size=(60, 4))
yn = (Xn @ np.array([1.0, -2.0, 0.0, 0.5]) > 0).astype(np.float64)
X, y = torch.from_numpy(Xn), torch.from_numpy(yn)
w = torch.zeros(4, dtype=torch.float64, requires_grad=True)
b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.5)
loss_fn = torch.nn.BCEWithLogitsLoss()
for epoch in range(30):
    opt.zero_grad()
    loss = loss_fn(X @ w + b, y) + 0.01 * w.pow(2).sum()
    loss.backward()
    opt.step()
final = loss.item()
wn = w.detach().numpy()
acc = ((Xn @ wn + b.item() > 0) == yn).mean()
print(final, acc)
