"""How tensors are shown: PyTorch's layout and digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..autograd.modes import state
from ..tensor import Tensor

__all__ = ["set_printoptions"]

Array = np.ndarray[Any, Any]


class _Options:
    precision = 4
    threshold = 1000
    edgeitems = 3
    linewidth = 80
    sci_mode: bool | None = None


OPTIONS = _Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors are shown: digits, from how many elements on the middle is left out, line width."""
    profiles = {"default": (4, 1000, 3, 80), "short": (2, 1000, 2, 80), "full": (4, math.inf, 3, 80)}
    if profile is not None:
        if profile not in profiles:
            raise ValueError(f"profile must be one of {', '.join(profiles)}, but got {profile!r}")
        chosen: Sequence[Any] = profiles[profile]
        OPTIONS.precision, OPTIONS.threshold, OPTIONS.edgeitems, OPTIONS.linewidth = chosen
    for name, value in (
        ("precision", precision),
        ("threshold", threshold),
        ("edgeitems", edgeitems),
        ("linewidth", linewidth),
    ):
        if value is not None:
            setattr(OPTIONS, name, value)
    OPTIONS.sci_mode = sci_mode


class _Formatter:
    """One format for all elements: whole, fixed or scientific, as wide as the widest."""

    def __init__(self, values: Array) -> None:
        self.floating = values.dtype.kind == "f"
        if not self.floating:
            self.template = "{}"
            self.width = max((len(str(each)) for each in values.reshape(-1)), default=1)
            return
        finite = np.abs(values[np.isfinite(values) & (values != 0)].astype(np.float64))
        self.template = self._template(finite)
        shown = values[np.isfinite(values) & (values != 0)]  # zeros, inf and nan do not set the width
        self.width = max((len(self._text(each)) for each in shown), default=1)

    def _template(self, finite: Array) -> str:
        fixed, scientific = f"{{:.{OPTIONS.precision}f}}", f"{{:.{OPTIONS.precision}e}}"
        if not finite.size:
            return "{:.0f}."
        low, high = finite.min(), finite.max()
        whole = bool((finite == np.ceil(finite)).all())
        wide = high / low > 1000.0 or high > 1.0e8 or (low < 1.0e-4 and not whole)
        if OPTIONS.sci_mode if OPTIONS.sci_mode is not None else wide:
            return scientific
        return "{:.0f}." if whole else fixed

    def _text(self, value: Any) -> str:
        if not math.isfinite(value):
            return str(float(value))
        return self.template.format(float(value))

    def __call__(self, value: Any) -> str:
        text = self._text(value) if self.floating else self.template.format(value)
        return text.rjust(self.width)


class _ComplexFormatter:
    """Real and imaginary parts, each with a format of its own."""

    def __init__(self, values: Array) -> None:
        self.real, self.imaginary = _Formatter(values.real), _Formatter(np.abs(values.imag))

    def __call__(self, value: Any) -> str:
        sign = "-" if np.signbit(value.imag) else "+"
        return f"{self.real(value.real)}{sign}{self.imaginary(abs(value.imag)).lstrip()}j"


def _shown_part(array: Array) -> Array:
    """The elements that will be shown, for choosing the format."""
    if array.size <= OPTIONS.threshold:
        return array
    edge = OPTIONS.edgeitems
    for axis, length in enumerate(array.shape):
        if length > 2 * edge:
            array = np.take(array, [*range(edge), *range(length - edge, length)], axis)
    return array


def _lines(array: Array, format: Any, indent: int, summarise: bool) -> str:
    if array.ndim == 0:
        return format(array.item() if array.dtype.kind != "c" else array[()])
    edge = OPTIONS.edgeitems
    gap = summarise and array.shape[0] > 2 * edge
    if array.ndim == 1:
        shown = [*array[:edge], None, *array[-edge:]] if gap else list(array)
        texts = [
            " ..." if each is None else format(each.item() if array.dtype.kind != "c" else each)
            for each in shown
        ]
        per_line = max(1, (OPTIONS.linewidth - indent) // (max(len(each) for each in texts or [""]) + 2))
        rows = [", ".join(texts[start : start + per_line]) for start in range(0, len(texts), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(rows) + "]"
    parts = [_lines(each, format, indent + 1, summarise) for each in (array[:edge] if gap else array)]
    if gap:
        parts += ["...", *(_lines(each, format, indent + 1, summarise) for each in array[-edge:])]
    return "[" + ("," + "\n" * (array.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def show(t: Tensor, name: str = "tensor", *, tail: bool = True) -> str:
    """``tensor([1., 2.], requires_grad=True)``."""
    array = t._array
    prefix = f"{name}("
    notes: list[str] = []
    default = dtypes.get_default_dtype()
    plain: tuple[dtypes.dtype, ...] = (default, dtypes.int64, dtypes.bool_, default.to_complex())
    if array.size == 0:
        body = "[]"
        if array.ndim != 1:
            notes.append(f"size={tuple(array.shape)}")
        plain = (default,)
    else:
        kind = _ComplexFormatter if array.dtype.kind == "c" else _Formatter
        body = _lines(array, kind(_shown_part(array)), len(prefix), array.size > OPTIONS.threshold)
    if t.dtype not in plain:
        notes.append(f"dtype={t.dtype!r}")
    if tail:
        node = t.grad_fn
        if node is not None:
            notes.append(f"grad_fn=<{node.name().rpartition('::')[2]}>")
        elif t.requires_grad:
            notes.append("requires_grad=True")
        tangent = None if state.dual is None else state.dual.tangent(t)
        if tangent is not None:
            notes.append(f"tangent={show(tangent)}")
    return prefix + _with_notes(body, notes, len(prefix)) + ")"


def _with_notes(body: str, notes: list[str], indent: int) -> str:
    """Notes behind the elements, on a line of their own where they do not fit."""
    text, last = body, indent + len(body.rpartition("\n")[2]) - (0 if "\n" not in body else indent)
    for note in notes:
        if last + len(note) + 2 > OPTIONS.linewidth:
            text += ",\n" + " " * indent + note
            last = indent + len(note)
        else:
            text += ", " + note
            last += len(note) + 2
    return text
