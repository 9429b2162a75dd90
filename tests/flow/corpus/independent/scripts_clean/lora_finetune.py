"""LoRA adapters on a frozen pretrained MLP, adapters saved to disk and merged."""
import os
import tempfile
import torch
from torch import nn


class LoRALinear(nn.Module):
    def __init__(self, base, r=2, alpha=4):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(r, base.in_features) * 0.01)
        self.B = nn.Parameter(torch.zeros(base.out_features, r))
        self.scaling = alpha / r

    def forward(self, x):
        return self.base(x) + (x @ self.A.t() @ self.B.t()) * self.scaling

    @torch.no_grad()
    def merge(self):
        self.base.weight += self.scaling * self.B @ self.A
        return self.base


def fit(model, X, Y, params, steps, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for _ in range(steps):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(X), Y)
        loss.backward()
        opt.step()
    return loss.item()


def main():
    torch.manual_seed(0)
    X = torch.randn(40, 6)
    model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
    print("pretrain", fit(model, X, X.sum(1, keepdim=True), model.parameters(), 6, 1e-2))
    for i, m in enumerate(model):
        if isinstance(m, nn.Linear):
            model[i] = LoRALinear(m)
    trainable = [p for p in model.parameters() if p.requires_grad]
    print("trainable", sum(p.numel() for p in trainable))
    print("lora", fit(model, X, X.prod(1, keepdim=True), trainable, 6, 1e-2))
    path = os.path.join(tempfile.mkdtemp(), "lora.pt")
    torch.save({k: v for k, v in model.state_dict().items() if k.endswith((".A", ".B"))}, path)
    model.load_state_dict(torch.load(path), strict=False)
    merged = nn.Sequential(*[m.merge() if isinstance(m, LoRALinear) else m for m in model])
    with torch.no_grad():
        print(merged(X).mean().item())


if __name__ == "__main__":
    main()
