"""The plain loop that never zeroes its gradients."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.01)
loss_fn = nn.MSELoss()
data = torch.utils.data.TensorDataset(torch.randn(20, 3), torch.randn(20, 1))
for xb, yb in torch.utils.data.DataLoader(data, batch_size=5):
    loss = loss_fn(model(xb), yb)
    loss.backward()
    opt.step()  # expect: accumulated-gradient
    print(f"{loss.item():.4f}")
