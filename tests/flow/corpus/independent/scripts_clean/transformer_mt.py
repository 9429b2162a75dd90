"""nn.Transformer on a copy task, Noam schedule, label smoothing, greedy decode."""
import math
import torch
from torch import nn

PAD, BOS, EOS, V = 0, 1, 2, 12


class PositionalEncoding(nn.Module):
    def __init__(self, d, dropout=0.1, maxlen=50):
        super().__init__()
        den = torch.exp(-torch.arange(0, d, 2) * math.log(10000) / d)
        pos = torch.arange(0, maxlen).reshape(maxlen, 1)
        pe = torch.zeros((maxlen, d))
        pe[:, 0::2] = torch.sin(pos * den)
        pe[:, 1::2] = torch.cos(pos * den)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("pe", pe[None])

    def forward(self, x):
        return self.dropout(x + self.pe[:, :x.size(1)])


class Seq2SeqTransformer(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.transformer = nn.Transformer(d, 2, 1, 1, 32, dropout=0.1, batch_first=True)
        self.src_emb, self.tgt_emb = nn.Embedding(V, d), nn.Embedding(V, d)
        self.pe = PositionalEncoding(d)
        self.generator = nn.Linear(d, V)

    def forward(self, src, tgt):
        mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(1))
        out = self.transformer(self.pe(self.src_emb(src)), self.pe(self.tgt_emb(tgt)), tgt_mask=mask)
        return self.generator(out)


def batch(n, L=5):
    s = torch.randint(3, V, (n, L))
    b, e = torch.full((n, 1), BOS), torch.full((n, 1), EOS)
    return s, torch.cat([b, s, e], 1)


def greedy_decode(model, src, max_len):
    ys = torch.full((src.size(0), 1), BOS)
    with torch.no_grad():
        for _ in range(max_len):
            nxt = model(src, ys)[:, -1].argmax(-1)
            ys = torch.cat([ys, nxt[:, None]], 1)
    return ys


def main():
    torch.manual_seed(0)
    model = Seq2SeqTransformer()
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    crit = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=0.1)
    opt = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    sched = torch.optim.lr_scheduler.LambdaLR(
        opt, lambda s: 16 ** -0.5 * min((s + 1) ** -0.5, (s + 1) * 20 ** -1.5))
    for step in range(5):
        src, tgt = batch(8)
        logits = model(src, tgt[:, :-1])
        opt.zero_grad()
        loss = crit(logits.reshape(-1, V), tgt[:, 1:].reshape(-1))
        loss.backward()
        opt.step()
        sched.step()
        print(step, loss.item())
    model.eval()
    print(greedy_decode(model, src[:2], 5).tolist())


if __name__ == "__main__":
    main()
