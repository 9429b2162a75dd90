"""Copies of activations are edited for a figure; the activations are not."""

import numpy as np
import torch
from torch import nn


def picture(maps):
    image = maps.detach().clone()
    image -= image.min()
    image /= image.max() + 1e-8
    return image.numpy()


def ranked(values):
    array = values.detach().numpy().copy()
    array.sort(axis=0)
    return np.flip(array, axis=0).ravel().tolist()


torch.manual_seed(0)
conv, out = nn.Conv2d(1, 2, 3), nn.Linear(32, 1)
optimizer = torch.optim.Adam([*conv.parameters(), *out.parameters()], lr=1e-2)
for _ in range(4):
    x, y = torch.rand(3, 1, 6, 6), torch.rand(3, 1)
    maps = torch.sigmoid(conv(x))
    shown = picture(maps)
    predicted = out(maps.flatten(1))
    best = ranked(predicted)[0]
    masked = maps.clone().detach()
    masked[masked < 0.5] = 0
    loss = nn.functional.mse_loss(predicted, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(loss.item(), shown.mean(), best, masked.mean().item())
