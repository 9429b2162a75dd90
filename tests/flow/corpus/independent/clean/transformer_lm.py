"""A small causal transformer language model with tied embeddings and a cosine schedule."""
import torch
from torch import nn
import torch.nn.functional as F


class LM(nn.Module):
    def __init__(self, vocab=20, d=16, ctx=8):
        super().__init__()
        self.tok, self.pos = nn.Embedding(vocab, d), nn.Embedding(ctx, d)
        layer = nn.TransformerEncoderLayer(d, 2, 32, dropout=0.1, batch_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(d, vocab, bias=False)
        self.head.weight = self.tok.weight

    def forward(self, idx):
        T = idx.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(T)
        h = self.tok(idx) + self.pos(torch.arange(T))
        return self.head(self.blocks(h, mask=mask))


torch.manual_seed(0)
model = LM()
opt = torch.optim.AdamW(model.parameters(), lr=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
for step in range(5):
    seq = torch.randint(0, 20, (4, 9))
    logits = model(seq[:, :-1])
    loss = F.cross_entropy(logits.reshape(-1, 20), seq[:, 1:].reshape(-1))
    opt.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    sched.step()
model.eval()
out = torch.zeros(1, 1, dtype=torch.long)
with torch.no_grad():
    for _ in range(5):
        nxt = torch.multinomial(F.softmax(model(out)[:, -1], -1), 1)
        out = torch.cat([out, nxt], 1)
final = loss.item()
print(final, out.tolist())
