"""Old code, ported line by line."""

import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv = nn.Conv1d(1, 2, 3)
        self.fc = nn.Linear(12, 2)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(x.view(-1, 12))


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for i in range(3):
    inputs, labels = torch.randn(4, 1, 8), torch.randint(0, 2, (4,))
    optimizer.zero_grad()
    loss = criterion(net(inputs), labels).data  # expect: no-history
    print("[%d] loss: %.3f" % (i, loss))
    loss.backward()
    optimizer.step()
