"""PyTorch as the oracle: the live module if installed, conversions, and what counts as the same result."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

torch: Any = import_module("torch") if find_spec("torch") else None
if torch is not None:
    torch.set_num_threads(1)
    torch.set_warn_always(True)  # a warning that PyTorch gives once a process is given in each test

TOLERANCE = {
    "float64": (1e-10, 1e-12),
    "complex128": (1e-10, 1e-12),
    "float32": (2e-5, 2e-6),
    "complex64": (2e-5, 2e-6),
    "float16": (2e-3, 1e-3),
}


def to_numpy(value: Any) -> np.ndarray:
    """A copy of a Tensor of either library (or of a number) as an array."""
    if not hasattr(value, "detach"):
        return np.array(value)
    return np.array(value.numpy(force=True))


def to_torch(value: Any) -> Any:
    """The same Tensor in PyTorch: values, dtype and requires_grad; a leaf."""
    assert torch is not None
    return torch.tensor(to_numpy(value), requires_grad=bool(getattr(value, "requires_grad", False)))


def difference(ours: Any, theirs: Any, loose: float = 1.0) -> str:
    """What differs between a result and PyTorch's, in one line; empty when nothing does."""
    if ours is None or theirs is None:
        return "" if ours is theirs else f"{describe(ours)} instead of {describe(theirs)}"
    a, b = to_numpy(ours), to_numpy(theirs)
    if a.dtype != b.dtype:
        return f"dtype {a.dtype} instead of {b.dtype}"
    if a.shape != b.shape:
        return f"shape {a.shape} instead of {b.shape}"
    rtol, atol = TOLERANCE.get(a.dtype.name, (0.0, 0.0))
    if np.allclose(a, b, rtol=rtol * loose, atol=atol * loose, equal_nan=True):
        return ""
    return f"{np.array2string(a, precision=8)} instead of {np.array2string(b, precision=8)}"


def describe(value: Any) -> str:
    """A short text for a result that may be None."""
    return "None" if value is None else np.array2string(to_numpy(value), precision=8)


def same(ours: Any, theirs: Any, loose: float = 1.0) -> bool:
    """Whether two results agree in dtype, shape and value (within the dtype's tolerance times `loose`)."""
    return not difference(ours, theirs, loose)


def assert_same(ours: Any, theirs: Any, what: str = "result", loose: float = 1.0) -> None:
    """Fail with the difference."""
    found = difference(ours, theirs, loose)
    assert not found, f"{what}: {found}"
