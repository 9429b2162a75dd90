"""A recurrent model whose state is cut in place at every step."""
import torch
from torch import nn


class Recurrent(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.cell = nn.Linear(dim + 1, dim)
        self.read = nn.Linear(dim, 1)
        self.dim = dim

    def forward(self, seq):
        h = seq.new_zeros(seq.shape[0], self.dim)
        for t in range(seq.shape[1]):
            h = torch.tanh(self.cell(torch.cat([h, seq[:, t]], dim=1)))
            h.detach_()  # expect: unreached-parameter, also: built-then-dropped
        return self.read(h)


torch.manual_seed(0)
model = Recurrent(5)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
seq, y = torch.randn(8, 4, 1), torch.randn(8, 1)
for _ in range(3):
    opt.zero_grad()
    loss = (model(seq) - y).square().mean()
    loss.backward()
    opt.step()
