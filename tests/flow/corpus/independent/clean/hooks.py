"""Forward hooks collect activations; gradient hooks rescale and record."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
activations, norms = {}, []


def save(name):
    def hook(module, args, output):
        activations[name] = output.detach()
    return hook


handles = [m.register_forward_hook(save(n)) for n, m in model.named_children()]
model[2].weight.register_hook(lambda g: g * 0.5)
model[2].register_full_backward_hook(lambda m, gi, go: norms.append(go[0].norm().item()))
for _ in range(4):
    x, y = torch.randn(10, 4), torch.randint(0, 2, (10,))
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
for h in handles:
    h.remove()
final = loss.item()
print({k: v.shape for k, v in activations.items()}, norms, final)
