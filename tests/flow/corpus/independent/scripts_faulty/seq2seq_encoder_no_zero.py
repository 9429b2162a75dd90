"""Seq2seq with additive attention and scheduled teacher forcing: reverse a sequence."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

SOS, EOS, V = 0, 1, 10


class EncoderRNN(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(V, hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)

    def forward(self, x):
        return self.gru(self.embedding(x))


class BahdanauAttention(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.Wa, self.Ua, self.Va = nn.Linear(h, h), nn.Linear(h, h), nn.Linear(h, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys))).squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        return torch.bmm(weights, keys), weights


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.embedding = nn.Embedding(V, hidden)
        self.attention = BahdanauAttention(hidden)
        self.gru = nn.GRU(2 * hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, V)

    def forward(self, enc_out, enc_hidden, length, target=None):
        inp = torch.full((enc_out.size(0), 1), SOS, dtype=torch.long)
        hidden, outs, attns = enc_hidden, [], []
        for i in range(length):
            emb = self.embedding(inp)
            ctx, w = self.attention(hidden.permute(1, 0, 2), enc_out)
            o, hidden = self.gru(torch.cat((emb, ctx), dim=2), hidden)
            logits = self.out(o)
            outs.append(logits)
            attns.append(w)
            if target is not None and random.random() < 0.5:
                inp = target[:, i].unsqueeze(1)
            else:
                _, topi = logits.topk(1)
                inp = topi.squeeze(-1).detach()
        return F.log_softmax(torch.cat(outs, 1), dim=-1), torch.cat(attns, 1)


def make_batch(n, L=4):
    x = torch.randint(2, V, (n, L))
    return x, torch.cat([x.flip(1), torch.full((n, 1), EOS)], 1)


def train_epoch(enc, dec, opt_e, opt_d, criterion, batches=3):
    total = 0
    for _ in range(batches):
        x, y = make_batch(8)
        opt_d.zero_grad()
        enc_out, h = enc(x)
        logp, _ = dec(enc_out, h, y.size(1), y)
        loss = criterion(logp.view(-1, V), y.view(-1))
        loss.backward()
        opt_e.step()  # expect: accumulated-gradient
        opt_d.step()
        total += loss.item()
    return total / batches


if __name__ == "__main__":
    torch.manual_seed(0)
    random.seed(0)
    enc, dec = EncoderRNN(12), AttnDecoderRNN(12)
    opt_e = torch.optim.Adam(enc.parameters(), lr=1e-2)
    opt_d = torch.optim.Adam(dec.parameters(), lr=1e-2)
    losses = [train_epoch(enc, dec, opt_e, opt_d, nn.NLLLoss()) for _ in range(3)]
    print(losses)
    with torch.no_grad():
        x, y = make_batch(2)
        logp, attn = dec(*enc(x), y.size(1))
        print(logp.argmax(-1).tolist(), y.tolist(), attn.shape)
