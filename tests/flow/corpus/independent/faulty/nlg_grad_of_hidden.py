"""Grad-CAM reads .grad from an activation without retain_grad."""
import warnings
import torch
from torch import nn

warnings.simplefilter("ignore")
torch.manual_seed(0)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        self.features = torch.relu(self.conv(x))  # expect: non-leaf-grad
        return self.fc(self.features.mean((2, 3)))


cnn = CNN()
score = cnn(torch.rand(2, 1, 5, 5))[:, 1].sum()
score.backward()
hidden = cnn.features
weights = hidden.grad
if weights is None:
    print("no gradient for the feature map")
else:
    print((weights.mean((2, 3), keepdim=True) * hidden).sum(1).shape)
