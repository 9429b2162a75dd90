"""A CNN with batch-norm and dropout, trained and evaluated by functions."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
        self.conv2, self.drop = nn.Conv2d(4, 8, 3), nn.Dropout2d(0.25)
        self.fc = nn.Linear(32, 4)

    def forward(self, x):
        x = F.relu(self.bn(self.conv1(x)), inplace=True)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.log_softmax(self.fc(torch.flatten(self.drop(x), 1)), dim=1)


def train(model, loader, opt):
    model.train()
    for data, target in loader:
        opt.zero_grad()
        loss = F.nll_loss(model(data), target)
        loss.backward()
        opt.step()


def test(model, loader):
    model.eval()
    total, correct = 0, 0
    with torch.no_grad():
        for data, target in loader:
            out = model(data)
            total += F.nll_loss(out, target, reduction="sum").item()
            pred = out.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    return total / len(loader.dataset), correct


torch.manual_seed(0)
ds = TensorDataset(torch.randn(24, 1, 8, 8), torch.randint(0, 4, (24,)))
model = CNN()
opt = torch.optim.Adadelta(model.parameters(), lr=1.0)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=1, gamma=0.7)
for epoch in range(2):
    train(model, DataLoader(ds, batch_size=8, shuffle=True), opt)
    final, correct = test(model, DataLoader(ds, batch_size=12))
    sched.step()
print(final, correct)
