"""Early stopping that keeps a deep copy of the best weights."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
f = lambda x: (x ** 2).sum(1, keepdim=True)
x, xv = torch.randn(40, 3), torch.randn(20, 3)
best, best_state, patience = float("inf"), None, 0
for epoch in range(12):
    model.train()
    opt.zero_grad()
    loss = nn.functional.huber_loss(model(x), f(x))
    loss.backward()
    opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.huber_loss(model(xv), f(xv)).item()
    if val < best:
        best, best_state, patience = val, copy.deepcopy(model.state_dict()), 0
    else:
        patience += 1
        if patience >= 3:
            break
model.load_state_dict(best_state)
final = best
print(epoch, final)
