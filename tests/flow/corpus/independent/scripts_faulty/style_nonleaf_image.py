"""Neural style transfer: optimise an image against a frozen feature net with LBFGS."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class ContentLoss(nn.Module):
    def __init__(self, target):
        super().__init__()
        self.target = target.detach()

    def forward(self, x):
        self.loss = F.mse_loss(x, self.target)
        return x


def gram_matrix(x):
    a, b, c, d = x.size()
    f = x.view(a * b, c * d)
    return torch.mm(f, f.t()).div(a * b * c * d)


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super().__init__()
        self.target = gram_matrix(target_feature).detach()

    def forward(self, x):
        self.loss = F.mse_loss(gram_matrix(x), self.target)
        return x


def build(cnn, style_img, content_img):
    model, style_losses, content_losses = nn.Sequential(), [], []
    i = 0
    for layer in cnn.children():
        if isinstance(layer, nn.Conv2d):
            i += 1
            name = f"conv_{i}"
        else:
            name = f"relu_{i}"
            layer = nn.ReLU(inplace=False)
        model.add_module(name, layer)
        if name == "conv_2":
            cl = ContentLoss(model(content_img).detach())
            model.add_module(f"content_loss_{i}", cl)
            content_losses.append(cl)
        if name.startswith("conv"):
            sl = StyleLoss(model(style_img).detach())
            model.add_module(f"style_loss_{i}", sl)
            style_losses.append(sl)
    return model, style_losses, content_losses


def run(cnn, content, style, img, steps=3, style_weight=1e3):
    model, sls, cls = build(cnn, style, content)
    img.requires_grad_(True)
    model.eval()
    model.requires_grad_(False)
    optimizer = torch.optim.LBFGS([img], max_iter=3)
    n = [0]
    while n[0] < steps:
        def closure():
            with torch.no_grad():
                img.clamp_(0, 1)
            optimizer.zero_grad()
            model(img)
            style_score = sum(sl.loss for sl in sls) * style_weight
            content_score = sum(cl.loss for cl in cls)
            loss = style_score + content_score
            loss.backward()
            n[0] += 1
            return style_score + content_score
        optimizer.step(closure)
    with torch.no_grad():
        img.clamp_(0, 1)
    return img


if __name__ == "__main__":
    torch.manual_seed(0)
    cnn = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1), nn.ReLU())
    cnn.requires_grad_(False)
    content, style = torch.rand(1, 3, 8, 8), torch.rand(1, 3, 8, 8)
    out = run(cnn, content, style, content.clone().requires_grad_().clamp(0, 1))  # expect: non-leaf-grad
    print(out.mean().item())
