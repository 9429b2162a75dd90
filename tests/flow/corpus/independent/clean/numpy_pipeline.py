"""A Dataset backed by numpy; statistics come from the training split."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Table(Dataset):
    def __init__(self, arr, target, mean, std):
        self.x = ((arr - mean) / std).astype(np.float32)
        self.y = target.astype(np.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return torch.from_numpy(self.x[i]), torch.tensor(self.y[i])


torch.manual_seed(0)
rng = np.random.default_rng(0)
raw = rng.normal(3.0, 2.0, size=(40, 3))
target = raw.sum(1)
mean, std = raw[:30].mean(0), raw[:30].std(0)
train = DataLoader(Table(raw[:30], target[:30], mean, std), batch_size=10, shuffle=True)
test = DataLoader(Table(raw[30:], target[30:], mean, std), batch_size=10)
model = nn.Linear(3, 1)
opt = torch.optim.Adam(model.parameters(), lr=0.1)
for epoch in range(3):
    for x, y in train:
        loss = nn.functional.mse_loss(model(x).squeeze(-1), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
model.eval()
with torch.no_grad():
    preds = np.concatenate([model(x).squeeze(-1).numpy() for x, _ in test])
final = float(np.mean((preds - target[30:]) ** 2))
print(final)
