"""Two optimisers: SGD for the embedding, Adam for the rest."""
import torch
from torch import nn


class Rec(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(15, 6, sparse=True)
        self.mlp = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, ids):
        return self.mlp(self.emb(ids).mean(1)).squeeze(-1)


torch.manual_seed(0)
model = Rec()
optimizers = [torch.optim.SparseAdam(model.emb.parameters(), lr=0.01),
              torch.optim.Adam(model.mlp.parameters(), lr=0.01)]
for step in range(5):
    ids, r = torch.randint(0, 15, (10, 4)), torch.rand(10)
    loss = nn.functional.binary_cross_entropy_with_logits(model(ids), r)
    for o in optimizers:
        o.zero_grad()
    loss.backward()
    for o in optimizers:
        o.step()
final = loss.item()
print(final)
