"""Gatys-like optimisation of an image against a frozen network's features."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
vgg = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 8, 3, padding=1), nn.ReLU())
vgg.eval().requires_grad_(False)


def gram(f):
    b, c, h, w = f.shape
    f = f.view(b * c, h * w)
    return f @ f.t() / (b * c * h * w)


def features(img):
    out = []
    for layer in vgg:
        img = layer(img)
        if isinstance(layer, nn.ReLU):
            out.append(img)
    return out


content, style = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
c_target = features(content)[-1]
s_targets = [gram(f) for f in features(style)]
image = content.clone().requires_grad_(True)
opt = torch.optim.LBFGS([image], max_iter=4)
scores = []


def closure():
    with torch.no_grad():
        image.clamp_(0, 1)
    opt.zero_grad()
    feats = features(image)
    loss = F.mse_loss(feats[-1], c_target)
    loss = loss + 1e3 * sum(F.mse_loss(gram(f), g) for f, g in zip(feats, s_targets))
    loss.backward()
    scores.append(loss.item())
    return loss


for _ in range(2):
    opt.step(closure)
final = scores[-1]
print(scores[0], final)
