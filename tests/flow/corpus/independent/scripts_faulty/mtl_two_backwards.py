"""Multi-task regression+classification with learned uncertainty weights and two optimisers."""
import torch
from torch import nn
import torch.nn.functional as F


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(5, 16), nn.LayerNorm(16), nn.GELU())
        self.heads = nn.ModuleDict({"reg": nn.Linear(16, 1), "cls": nn.Linear(16, 3)})
        self.log_vars = nn.ParameterDict({k: nn.Parameter(torch.zeros(())) for k in ("reg", "cls")})

    def forward(self, x):
        h = self.trunk(x)
        return {k: head(h) for k, head in self.heads.items()}

    def losses(self, out, batch):
        raw = {"reg": F.smooth_l1_loss(out["reg"].squeeze(-1), batch["reg"]),
               "cls": F.cross_entropy(out["cls"], batch["cls"], label_smoothing=0.1)}
        total = sum(torch.exp(-self.log_vars[k]) * v + self.log_vars[k] for k, v in raw.items())
        return total, raw


def main():
    torch.manual_seed(0)
    x = torch.randn(60, 5)
    batch_all = {"reg": x.sum(1), "cls": (x[:, 0] > 0).long() + (x[:, 1] > 0).long()}
    model = MultiTask()
    weights = [p for n, p in model.named_parameters() if not n.startswith("log_vars")]
    optims = [torch.optim.Adam(weights, 1e-2), torch.optim.SGD(model.log_vars.parameters(), 1e-2)]
    meter = {"reg": 0.0, "cls": 0.0}
    for step in range(8):
        i = torch.randperm(60)[:20]
        batch = {k: v[i] for k, v in batch_all.items()}
        total, raw = model.losses(model(x[i]), batch)
        model.zero_grad(set_to_none=True)
        raw["reg"].backward()
        raw["cls"].backward()  # expect: backward-twice
        for o in optims:
            o.step()
        for k in meter:
            meter[k] += raw[k]
    print({k: (v / 8).item() for k, v in meter.items()}, total.item())


if __name__ == "__main__":
    main()
