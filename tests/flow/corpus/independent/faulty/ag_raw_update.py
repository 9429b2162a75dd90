"""A hand-written update that forgets to clear .grad."""
import torch

torch.manual_seed(0)
x = torch.randn(40, 2)
y = x @ torch.tensor([[2.0], [-1.0]]) + 0.5
params = {"w": torch.zeros(2, 1, requires_grad=True), "b": torch.zeros(1, requires_grad=True)}


def descend(params, lr):
    with torch.no_grad():
        for p in params.values():
            p.sub_(lr * p.grad)  # expect: accumulated-gradient


for step in range(8):
    loss = (x @ params["w"] + params["b"] - y).pow(2).mean()
    loss.backward()
    descend(params, 0.05)
print(loss.item())
