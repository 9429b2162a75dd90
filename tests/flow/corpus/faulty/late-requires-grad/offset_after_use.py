"""Two numbers to learn, one of them announced too late."""

import torch

torch.manual_seed(0)
x = torch.linspace(0, 1, 10)
y = 3 * x - 1
slope = torch.zeros(1, requires_grad=True)
offset = torch.zeros(1)

prediction = slope * x + offset
offset.requires_grad_()  # expect: late-requires-grad
loss = (prediction - y).pow(2).mean()
loss.backward()
for name, p in {"slope": slope, "offset": offset}.items():
    print(name, p.grad)
