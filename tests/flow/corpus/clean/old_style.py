"""The MNIST example of 2017, on noise."""

from __future__ import print_function

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 3, kernel_size=3)
        self.fc1 = nn.Linear(27, 8)
        self.fc2 = nn.Linear(8, 4)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = x.view(-1, 27)
        x = F.dropout(F.relu(self.fc1(x)), training=self.training)
        return F.log_softmax(self.fc2(x), dim=1)


torch.manual_seed(1)
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.5)


def train(epoch):
    model.train()
    running, correct = 0.0, 0
    for batch_idx in range(3):
        data, target = torch.rand(6, 1, 8, 8), torch.randint(0, 4, (6,))
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        running += loss.data
        pred = output.data.max(1, keepdim=True)[1]
        correct += pred.eq(target.data.view_as(pred)).sum()
    print("Train Epoch: {} Loss: {:.6f} Correct: {}".format(epoch, running.item(), int(correct)))


for epoch in range(2):
    train(epoch)
