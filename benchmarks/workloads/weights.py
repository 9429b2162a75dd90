"""The same weights for every library: made by NumPy, from the name and shape of each parameter."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def weight(name: str, shape: tuple[int, ...]) -> Array:
    """Uniform in +-1/sqrt(fan in), float32, seeded by the name; gains of norms (1-d weights) are near 1."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    bound = 1.0 / math.sqrt(math.prod(shape[1:]) if len(shape) > 1 else shape[0])
    values = random.uniform(-bound, bound, shape).astype(np.float32)
    return values + 1.0 if name.endswith("weight") and len(shape) == 1 else values


def weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """One array for each name."""
    return {name: weight(name, shape) for name, shape in shapes.items()}


def filled(lib: ModuleType, module: Any) -> Any:
    """The module (upriver's or PyTorch's) with its parameters overwritten by ``weight``."""
    with lib.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(lib.from_numpy(weight(name, tuple(parameter.shape))))
    return module


def gradients(module: Any) -> dict[str, Any]:
    """The gradient of each parameter of a module, by name."""
    return {name: parameter.grad for name, parameter in module.named_parameters()}
