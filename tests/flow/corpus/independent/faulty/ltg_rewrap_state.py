"""The hidden state is 'copied' with torch.tensor in a small agent class."""
import warnings
import torch
from torch import nn

warnings.filterwarnings("ignore", category=UserWarning)
torch.manual_seed(0)
gru = nn.GRUCell(2, 4)
read = nn.Linear(4, 1)


class Agent:
    def __init__(self):
        self.state = torch.zeros(5, 4)

    def observe(self, x):
        self.state = torch.tensor(gru(x, self.state))  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped
        return self.state


opt = torch.optim.Adam([*gru.parameters(), *read.parameters()], lr=1e-2)
for episode in range(3):
    agent = Agent()
    for _ in range(3):
        h = agent.observe(torch.randn(5, 2))
    loss = (read(h) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
