"""Learn a rotation as a matrix."""

import torch

torch.manual_seed(0)


class Rotation:
    def __init__(self, n):
        self.matrix = torch.eye(n, requires_grad=True).reshape(1, n, n)  # expect: non-leaf-grad
        self.shift = torch.zeros(n, requires_grad=True)

    def parameters(self):
        return [self.matrix, self.shift]

    def __call__(self, x):
        return (self.matrix @ x.unsqueeze(-1)).squeeze(-1) + self.shift


rotation = Rotation(2)
optimizer = torch.optim.Adam(rotation.parameters(), lr=0.1)
x = torch.randn(6, 2)
y = torch.stack([-x[:, 1], x[:, 0]], dim=1)
for _ in range(3):
    loss = (rotation(x) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
