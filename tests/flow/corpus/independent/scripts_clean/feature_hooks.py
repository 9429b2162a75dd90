"""Fine-tuning with frozen backbone; Grad-CAM through hooks afterwards."""
import torch
from torch import nn
import torch.nn.functional as F


class ConvNet(nn.Module):
    def __init__(self, n_classes=3):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(),
                                      nn.Conv2d(4, 8, 3, padding=1), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, n_classes)

    def forward(self, x):
        return self.fc(self.pool(self.features(x)).flatten(1))


class GradCAM:
    def __init__(self, model, layer):
        self.model, self.act, self.grad = model, None, None
        self.h1 = layer.register_forward_hook(self._fwd)

    def _fwd(self, m, i, o):
        self.act = o.detach()
        o.register_hook(self._bwd)

    def _bwd(self, g):
        self.grad = g.detach().clone()

    def __call__(self, x, cls=None):
        x = x.clone().requires_grad_(True)
        logits = self.model(x)
        cls = int(logits.argmax(1)[0]) if cls is None else cls
        torch.autograd.grad(logits[0, cls], x)
        w = self.grad.mean((2, 3), keepdim=True)
        cam = F.relu((w * self.act).sum(1))
        return cam / (cam.max() + 1e-8)

    def close(self):
        self.h1.remove()


def main():
    torch.manual_seed(0)
    model = ConvNet()
    for p in model.features.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(8, 2)
    opt = torch.optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1, momentum=0.9)
    X = torch.randn(24, 1, 6, 6)
    Y = torch.randint(0, 2, (24,))
    norms = []
    handle = model.fc.weight.register_hook(lambda g: norms.append(g.norm().item()))
    for epoch in range(3):
        for xb, yb in zip(X.split(8), Y.split(8)):
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
        if epoch == 1:  # gradual unfreezing
            for p in model.features[2].parameters():
                p.requires_grad = True
            opt.add_param_group({"params": model.features[2].parameters(), "lr": 0.01})
    handle.remove()
    model.eval()
    cam = GradCAM(model, model.features[2])
    print(len(norms), loss.item(), cam(X[:1]).shape)
    cam.close()


if __name__ == "__main__":
    main()
