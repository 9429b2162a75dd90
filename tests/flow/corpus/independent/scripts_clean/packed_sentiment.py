"""Bidirectional LSTM with packed sequences, early stopping and checkpoint restore."""
import os
import tempfile
from typing import List, Tuple
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset


class Reviews(Dataset):
    def __init__(self, n: int, seed: int):
        g = torch.Generator().manual_seed(seed)
        self.items = []
        for _ in range(n):
            L = int(torch.randint(2, 9, (1,), generator=g))
            s = torch.randint(1, 20, (L,), generator=g)
            self.items.append((s, float((s > 10).float().mean() > 0.5)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch: List[Tuple[torch.Tensor, float]]):
    seqs, ys = zip(*batch)
    lens = torch.tensor([len(s) for s in seqs])
    return pad_sequence(seqs, batch_first=True), lens, torch.tensor(ys)


class Classifier(nn.Module):
    def __init__(self, vocab=20, emb=8, hid=8):
        super().__init__()
        self.emb = nn.Embedding(vocab, emb, padding_idx=0)
        self.lstm = nn.LSTM(emb, hid, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * hid, 1)

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        mask = (torch.arange(out.size(1))[None] < lens[:, None]).unsqueeze(-1)
        pooled = (out * mask).sum(1) / lens[:, None]
        return self.head(pooled).squeeze(-1)


class EarlyStopping:
    def __init__(self, path, patience=2):
        self.path, self.patience, self.best, self.bad = path, patience, float("inf"), 0

    def __call__(self, val, model):
        if val < self.best:
            self.best, self.bad = val, 0
            torch.save(model.state_dict(), self.path)
        else:
            self.bad += 1
        return self.bad >= self.patience


def main():
    torch.manual_seed(0)
    train_dl = DataLoader(Reviews(40, 0), 8, shuffle=True, collate_fn=collate)
    val_dl = DataLoader(Reviews(16, 1), 8, collate_fn=collate)
    model = Classifier()
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=0)
    crit = nn.BCEWithLogitsLoss()
    stop = EarlyStopping(os.path.join(tempfile.mkdtemp(), "m.pt"))
    for epoch in range(4):
        model.train()
        for x, lens, y in train_dl:
            opt.zero_grad()
            loss = crit(model(x, lens), y)
            loss.backward()
            opt.step()
        model.eval()
        val, correct, count = 0.0, 0, 0
        with torch.no_grad():
            for x, lens, y in val_dl:
                logit = model(x, lens)
                val += crit(logit, y).item()
                correct += ((logit > 0).float() == y).sum().item()
                count += len(y)
        sched.step(val)
        print(epoch, round(val, 4), correct / count)
        if stop(val, model):
            break
    model.load_state_dict(torch.load(stop.path))


if __name__ == "__main__":
    main()
