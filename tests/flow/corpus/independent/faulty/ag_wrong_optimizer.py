"""Two optimisers: the second is never zeroed."""
import torch
from torch import nn

torch.manual_seed(0)
emb = nn.Embedding(12, 4)
fc = nn.Linear(4, 2)
opt_fc = torch.optim.Adam(fc.parameters(), lr=1e-2)
opt_emb = torch.optim.SGD(emb.parameters(), lr=0.1)
for step in range(5):
    tokens, y = torch.randint(0, 12, (8, 3)), torch.randint(0, 2, (8,))
    opt_fc.zero_grad()
    loss = nn.functional.cross_entropy(fc(emb(tokens).mean(1)), y)
    loss.backward()
    opt_fc.step()
    opt_emb.step()  # expect: accumulated-gradient
