"""Grad-CAM by autograd.grad on the feature map of a trained CNN."""
import torch
from torch import nn


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        self.maps = torch.relu(self.conv(x))
        return self.fc(self.maps.mean((2, 3)))


torch.manual_seed(0)
cnn = CNN()
opt = torch.optim.Adam(cnn.parameters(), lr=1e-2)
for _ in range(4):
    x, y = torch.rand(8, 1, 5, 5), torch.randint(0, 2, (8,))
    loss = nn.functional.cross_entropy(cnn(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
cnn.eval()
score = cnn(torch.rand(1, 1, 5, 5))[0, 1]
grad_maps, = torch.autograd.grad(score, cnn.maps)
cam = torch.relu((grad_maps.mean((2, 3), keepdim=True) * cnn.maps.detach()).sum(1))
final = loss.item()
print(final, cam.shape)
