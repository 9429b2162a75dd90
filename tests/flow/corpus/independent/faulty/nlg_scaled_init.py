"""A scaled initialisation makes the weights non-leaf tensors."""
import torch

torch.manual_seed(0)
x = torch.randn(16, 5)
y = torch.randint(0, 3, (16,))
w = torch.randn(5, 3, requires_grad=True) * 0.01  # expect: non-leaf-grad
b = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.1)
for _ in range(5):
    loss = torch.nn.functional.cross_entropy(x @ w + b, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
