"""Inputs between minus one and one."""

import torch

uniform = lambda *shape: 2 * torch.rand(*shape, requires_grad=True) - 1  # expect: non-leaf-grad
