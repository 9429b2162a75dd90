"""Differentiable rendering toy: fit circle positions and colours to a target picture."""
from dataclasses import dataclass
import torch


@dataclass
class Scene:
    centers: torch.Tensor
    log_radii: torch.Tensor
    colors: torch.Tensor

    def parameters(self):
        return [self.centers, self.log_radii, self.colors]


def make_scene(n, seed, grad):
    g = torch.Generator().manual_seed(seed)
    s = Scene(torch.rand(n, 2, generator=g), torch.full((n,), -1.5), torch.rand(n, 3, generator=g))
    if grad:
        for p in s.parameters():
            p.requires_grad_(True)
    return s


@torch.no_grad()  # expect: no-history
def render(scene, size=12, sharp=20.0):
    axis = (torch.arange(size) + 0.5) / size
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1)
    img = torch.zeros(size, size, 3)
    for c, lr, col in zip(scene.centers, scene.log_radii, scene.colors):
        d = (grid - c).norm(dim=-1)
        a = torch.sigmoid(sharp * (lr.exp() - d))[..., None]
        img = img * (1 - a) + a * col
    return img


def main():
    with torch.no_grad():
        target = render(make_scene(3, 1, False))
    scene = make_scene(3, 2, True)
    opt = torch.optim.Adam([{"params": [scene.centers, scene.log_radii], "lr": 1e-2},
                            {"params": [scene.colors], "lr": 5e-2}])
    best, best_params = float("inf"), None
    for it in range(8):
        opt.zero_grad()
        loss = (render(scene) - target).pow(2).mean()
        loss.backward()
        opt.step()
        with torch.no_grad():
            scene.colors.clamp_(0, 1)
        if loss.item() < best:
            best, best_params = loss.item(), [p.detach().clone() for p in scene.parameters()]
    print(best, best_params[1].tolist())


if __name__ == "__main__":
    main()
