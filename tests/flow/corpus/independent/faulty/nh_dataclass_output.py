"""Model outputs travel in a dataclass."""
from dataclasses import dataclass
import torch
from torch import nn


@dataclass
class Output:
    logits: torch.Tensor
    hidden: torch.Tensor


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 6, batch_first=True)
        self.out = nn.Linear(6, 4)

    def forward(self, x):
        hidden, _ = self.rnn(x)
        logits = self.out(hidden)
        return Output(logits=logits.data, hidden=hidden)  # expect: no-history, also: unreached-parameter, also: built-then-dropped


torch.manual_seed(0)
model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x, tags = torch.randn(5, 7, 3), torch.randint(0, 4, (5, 7))
for _ in range(2):
    out = model(x)
    loss = nn.functional.cross_entropy(out.logits.flatten(0, 1), tags.flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
