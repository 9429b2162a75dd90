"""A decay rate is frozen into a closure as a float."""
import torch

torch.manual_seed(0)
rate = torch.tensor(0.5, requires_grad=True)
gain = torch.tensor(2.0, requires_grad=True)
opt = torch.optim.SGD([rate, gain], lr=0.05)
t = torch.linspace(0, 3, 12)
target = 1.5 * torch.exp(-0.8 * t)


def make_model():
    k = float(rate)  # expect: left-the-graph, also: unreached-parameter

    def model(t):
        return gain * torch.exp(-k * t)

    return model


for _ in range(10):
    loss = (make_model()(t) - target).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"gain={gain.item():.2f}")
