"""Ragged sequences are padded by way of Python lists."""
import torch
from torch import nn

torch.manual_seed(0)
embed = nn.Embedding(9, 4)
out = nn.Linear(4, 2)
opt = torch.optim.SGD(list(embed.parameters()) + list(out.parameters()), lr=0.1)
sentences = [torch.tensor([1, 2, 3]), torch.tensor([4, 5]), torch.tensor([6])]
labels = torch.tensor([0, 1, 1])


def pad(vectors):
    longest = max(len(v) for v in vectors)
    rows = []
    for v in vectors:
        row = v.tolist()  # expect: left-the-graph, also: unreached-parameter, also: built-then-dropped
        row += [[0.0] * 4] * (longest - len(row))
        rows.append(row)
    return torch.tensor(rows)  # or: left-the-graph


for _ in range(3):
    batch = pad([embed(s) for s in sentences])
    loss = nn.functional.cross_entropy(out(batch.mean(1)), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
