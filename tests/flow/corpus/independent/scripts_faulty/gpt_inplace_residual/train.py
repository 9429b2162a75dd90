import math
import os
import tempfile
import torch
from config import GPTConfig, TrainConfig
from model import GPT

TEXT = "the quick brown fox jumps over the lazy dog and runs away from the angry bear " * 4
chars = sorted(set(TEXT))
stoi = {c: i for i, c in enumerate(chars)}
itos = {i: c for c, i in stoi.items()}
torch.manual_seed(1337)
mcfg, tcfg = GPTConfig(vocab_size=len(chars)), TrainConfig()
data = torch.tensor([stoi[c] for c in TEXT], dtype=torch.long)
n = int(0.9 * len(data))
splits = {"train": data[:n], "val": data[n:]}


def get_batch(split):
    d = splits[split]
    ix = torch.randint(len(d) - mcfg.block_size, (tcfg.batch_size,))
    x = torch.stack([d[i:i + mcfg.block_size] for i in ix])
    y = torch.stack([d[i + 1:i + 1 + mcfg.block_size] for i in ix])
    return x, y


@torch.no_grad()
def estimate_loss(model):
    out = {}
    model.eval()
    for split in splits:
        losses = torch.zeros(2)
        for k in range(2):
            _, loss = model(*get_batch(split))
            losses[k] = loss.item()
        out[split] = losses.mean()
    model.train()
    return out


def get_lr(it):
    if it < 2:
        return tcfg.lr * (it + 1) / 2
    ratio = (it - 2) / max(1, tcfg.max_iters - 2)
    return 1e-4 + 0.5 * (1 + math.cos(math.pi * ratio)) * (tcfg.lr - 1e-4)


model = GPT(mcfg)
optimizer = model.configure_optimizers(tcfg.weight_decay, tcfg.lr)
scaler = torch.amp.GradScaler("cpu", enabled=False)
best = float("inf")
ckpt = os.path.join(tempfile.mkdtemp(), "ckpt.pt")
for it in range(tcfg.max_iters):
    for g in optimizer.param_groups:
        g["lr"] = get_lr(it)
    if it % tcfg.eval_interval == 0:
        losses = estimate_loss(model)
        print(f"step {it}: train {losses['train']:.4f}, val {losses['val']:.4f}")
        if losses["val"] < best:
            best = losses["val"]
            torch.save({"model": model.state_dict(), "opt": optimizer.state_dict(), "it": it}, ckpt)
    for micro in range(tcfg.accum):
        X, Y = get_batch("train")
        logits, loss = model(X, Y)
        loss = loss / tcfg.accum
        scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_(model.parameters(), tcfg.grad_clip)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zero_grad(set_to_none=True)
state = torch.load(ckpt, weights_only=False)
model.load_state_dict(state["model"])
model.eval()
print("".join(itos[i] for i in model.generate(torch.zeros(1, 1, dtype=torch.long), 10)[0].tolist()))
