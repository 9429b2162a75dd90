"""A hand-written MLP: the second bias is created, optimised and forgotten."""
import torch

torch.manual_seed(0)
w1 = torch.randn(3, 8, requires_grad=True)
b1 = torch.zeros(8, requires_grad=True)
w2 = torch.randn(8, 1, requires_grad=True)
b2 = torch.zeros(1, requires_grad=True)  # expect: unreached-parameter
params = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
opt = torch.optim.SGD(list(params.values()), lr=0.01)
x = torch.randn(20, 3)
y = x.sum(1, keepdim=True)


def net(p, x):
    h = torch.relu(x @ p["w1"] + p["b1"])
    return h @ p["w2"]


for _ in range(5):
    loss = (net(params, x) - y).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item())
