"""Encoder-decoder with random teacher forcing; its own outputs are fed back detached."""
import random
import torch
from torch import nn

random.seed(1)
torch.manual_seed(0)
V, H = 10, 12
emb_in, emb_out = nn.Embedding(V, H), nn.Embedding(V, H)
enc, dec, out = nn.GRU(H, H), nn.GRU(H, H), nn.Linear(H, V)
mods = nn.ModuleList([emb_in, emb_out, enc, dec, out])
opt = torch.optim.Adam(mods.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()


def train_pair(src, tgt, ratio=0.5):
    _, hidden = enc(emb_in(src))
    token, loss = torch.zeros(1, src.shape[1], dtype=torch.long), 0
    forcing = random.random() < ratio
    for t in range(tgt.shape[0]):
        o, hidden = dec(emb_out(token), hidden)
        logits = out(o[0])
        loss += criterion(logits, tgt[t])
        if forcing:
            token = tgt[t:t + 1]
        else:
            _, top = logits.topk(1)
            token = top.t()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(mods.parameters(), 1.0)
    opt.step()
    return loss.item() / tgt.shape[0]


for step in range(6):
    src = torch.randint(1, V, (5, 4))
    final = train_pair(src, src.flip(0))
print(final)
