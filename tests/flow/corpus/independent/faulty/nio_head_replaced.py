"""The last layer is replaced after the optimiser was made."""
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.features = nn.Linear(6, 10)
        self.fc = nn.Linear(10, classes)  # also: unreached-parameter

    def forward(self, x):
        return self.fc(torch.relu(self.features(x)))


def adapt(model, classes):
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


torch.manual_seed(0)
model = Classifier(10)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
model = adapt(model, 3)
x, y = torch.randn(9, 6), torch.randint(0, 3, (9,))
for _ in range(3):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()  # expect: not-in-optimizer
    opt.step()
