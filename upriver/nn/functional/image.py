"""Images: resizing them, and their windows as the columns of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from upriver import ops
from upriver.ops.columns import col2im, im2col
from upriver.tensor import Tensor, from_array

__all__ = ["fold", "interpolate", "unfold"]

Size = int | Sequence[int]
Array = np.ndarray[Any, Any]
Taps = list[tuple[Array, Array | None]]  # indices along a dimension, and their weights (None: 1)

RANKS = {
    "linear": 3,
    "bilinear": 4,
    "bicubic": 4,
    "trilinear": 5,
}  # dimensions of the input that a mode needs
CUBIC = -0.75  # the free parameter of Keys' cubic convolution (1981), as PyTorch chooses it


def unfold(
    input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """The sliding windows of (N, C, H, W) or (C, H, W) as columns (N, C * h * w, positions).

    >>> import upriver as up
    >>> up.nn.functional.unfold(up.arange(4.0).reshape(1, 2, 2), (1, 2))
    tensor([[0., 2.],
            [1., 3.]])
    """
    return im2col(input, kernel_size, dilation, padding, stride)


def fold(
    input: Tensor,
    output_size: Size,
    kernel_size: Size,
    dilation: Size = 1,
    padding: Size = 0,
    stride: Size = 1,
) -> Tensor:
    """Columns (N, C * h * w, positions) added up into images (N, C, H, W): the adjoint of `unfold`.

    >>> import upriver as up
    >>> up.nn.functional.fold(up.ones(2, 2), (1, 3), (1, 2))
    tensor([[[1., 2., 1.]]])
    """
    return col2im(input, output_size, kernel_size, dilation, padding, stride)


def interpolate(
    input: Tensor,
    size: Size | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """``input`` (N, C, *) resized to ``size`` or by ``scale_factor``.

    ``mode`` is ``'nearest'``, ``'nearest-exact'``, ``'area'``, ``'linear'`` (one dimension), ``'bilinear'``,
    ``'bicubic'`` (two) or ``'trilinear'``. ``align_corners`` maps the centres of the corner pixels onto each
    other instead of the corners of the image.

    >>> import upriver as up
    >>> up.nn.functional.interpolate(up.tensor([[[1.0, 3.0]]]), size=4, mode="linear")
    tensor([[[1.0000, 1.5000, 2.5000, 3.0000]]])
    """
    _check_mode(input, mode, align_corners)
    lengths = tuple(input.shape[2:])
    sizes, factors = _sizes(lengths, size, scale_factor)
    if min(sizes) < 1:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input {lengths} and output {sizes}"
        )
    if recompute_scale_factor or mode == "area":
        factors = (None,) * len(sizes)
    for index, (length, out, factor) in enumerate(zip(lengths, sizes, factors, strict=True)):
        input = _resample(input, index + 2, _taps(mode, length, out, factor, bool(align_corners)))
    return input


def _resample(input: Tensor, dim: int, taps: Taps) -> Tensor:
    total: Tensor | None = None
    for indices, weights in taps:
        part = ops.index_select(input, dim, from_array(indices))
        if weights is not None:
            shape = (-1, *[1] * (input.dim() - 1 - dim))
            part = part * from_array(weights.astype(input._array.dtype).reshape(shape))
        total = part if total is None else total + part
    assert total is not None
    return total


def _taps(mode: str, length: int, out: int, factor: float | None, align_corners: bool) -> Taps:
    """Where each of ``out`` places along a dimension takes its value from, and in what share."""
    places = np.arange(out)
    if mode == "area":
        starts, stops = places * length // out, -(-(places + 1) * length // out)
        within = [starts + offset for offset in range(int((stops - starts).max()))]
        return [(np.minimum(each, length - 1), (each < stops) / (stops - starts)) for each in within]
    step = 1 / factor if factor else length / out
    if mode.startswith("nearest"):
        source = (places + (0.5 if mode == "nearest-exact" else 0.0)) * step
        return [(np.minimum(source.astype(np.int64), length - 1), None)]
    if align_corners:
        source = places * ((length - 1) / (out - 1) if out > 1 else 0.0)
    else:
        source = (places + 0.5) * step - 0.5
    if mode == "bicubic":
        low = np.floor(source).astype(np.int64)
        shares = _cubic(source - low)
        return [(np.clip(low + k - 1, 0, length - 1), share) for k, share in enumerate(shares)]
    source = np.maximum(source, 0.0)
    low = np.minimum(source.astype(np.int64), length - 1)
    share = np.minimum(source - low, 1.0)
    return [(low, 1 - share), (np.minimum(low + 1, length - 1), share)]


def _cubic(t: Array) -> list[Array]:
    """The weights of the four neighbours of a point that lies ``t`` after the second."""

    def near(x: Array) -> Array:
        return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1

    def far(x: Array) -> Array:
        return ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _sizes(
    lengths: tuple[int, ...], size: Size | None, scale_factor: float | Sequence[float] | None
) -> tuple[tuple[int, ...], tuple[float | None, ...]]:
    count = len(lengths)
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        sizes = (size,) * count if isinstance(size, int) else tuple(size)
        _check_count("output", "output size", sizes, lengths)
        return sizes, (None,) * count
    if scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    factors = (scale_factor,) * count if isinstance(scale_factor, (int, float)) else tuple(scale_factor)
    _check_count("scale_factor", "scale_factor", factors, lengths)
    return tuple(int(length * factor) for length, factor in zip(lengths, factors, strict=True)), factors


def _check_count(name: str, shown: str, given: Sequence[float], lengths: tuple[int, ...]) -> None:
    if len(given) != len(lengths):
        raise ValueError(
            f"Input and {name} must have the same number of spatial dimensions, but got input with spatial "
            f"dimensions of {list(lengths)} and {shown} of {given}"
        )


def _check_mode(input: Tensor, mode: str, align_corners: bool | None) -> None:
    flat = ("nearest", "nearest-exact", "area")
    if mode in flat and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | bilinear | "
            "bicubic | trilinear"
        )
    if (mode not in flat and mode not in RANKS) or input.dim() not in (3, 4, 5):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.dim()}D) for the modes: "
            f"nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {mode})"
        )
    if input.dim() != RANKS.get(mode, input.dim()):
        needed = RANKS[mode]
        raise NotImplementedError(f"Got {input.dim()}D input, but {mode} mode needs {needed}D input")
