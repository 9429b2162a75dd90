"""Train, then predict a test set batch by batch."""

import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 2048), nn.Tanh(), nn.Linear(2048, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
train, test = torch.randn(20, 4), torch.randn(4096, 4)
target = train.sum(dim=1, keepdim=True)

for epoch in range(3):
    model.train()
    loss = nn.functional.mse_loss(model(train), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.eval()
    predicted = [model(batch).detach().numpy() for batch in test.split(2048)]  # expect: built-then-dropped
    error = np.concatenate(predicted) - test.sum(dim=1, keepdim=True).numpy()
    print(epoch, loss.item(), float(np.abs(error).mean()))
