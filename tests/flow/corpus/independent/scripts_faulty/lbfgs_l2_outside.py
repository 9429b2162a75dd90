"""LBFGS on a small MLP in float64 with L2 in the closure (pytorch/examples time_sequence style)."""
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
x = torch.linspace(-2, 2, 25)[:, None]
y = torch.sin(2 * x) + 0.05 * torch.randn_like(x)
model = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1)).double()
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.8, history_size=5, max_iter=4)
criterion = nn.MSELoss()
trace = []


l2 = sum((p ** 2).sum() for p in model.parameters())


def closure():
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    total = loss + 1e-4 * l2
    total.backward()  # expect: backward-twice
    trace.append(loss.item())
    return total


for i in range(3):
    print("STEP", i)
    optimizer.step(closure)
    with torch.no_grad():
        pred = model(x)
        print("test loss", criterion(pred, y).item())
print(len(trace), trace[0], trace[-1])
