"""A tiny transformer block with padding and a causal mask."""

import math

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x, hidden):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / math.sqrt(x.shape[-1])
        scores = scores.masked_fill(hidden, float("-inf"))
        x = self.norm(x + torch.softmax(scores, dim=-1) @ v)
        return x + self.mlp(x)


torch.manual_seed(0)
tokens = torch.randint(1, 10, (3, 6))
tokens[0, 4:] = 0
causal = torch.triu(torch.ones(6, 6), diagonal=1).bool()
embedding, block, out = nn.Embedding(10, 8, padding_idx=0), Block(8), nn.Linear(8, 10)
model = nn.ModuleList([embedding, block, out])
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
for _ in range(4):
    logits = out(block(embedding(tokens), causal))[:, :-1]
    valid = tokens[:, 1:] != 0
    loss = nn.functional.cross_entropy(logits[valid], tokens[:, 1:][valid])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    right = (logits.argmax(-1)[valid] == tokens[:, 1:][valid]).float().mean().item()
    print(loss.item(), right)
