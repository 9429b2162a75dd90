"""Random tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import as_dtype
from ..tensor import Tensor, from_array
from .create import _kind, _like, _shape, finished
from .generator import Generator, default_generator
from .inplace import copied, in_place
from .namespace import Namespace
from .registry import Kind, op

__all__ = [
    "bernoulli",
    "dropout",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
]

Array = np.ndarray[Any, Any]


def _stream(generator: Generator | None) -> np.random.RandomState:
    return (generator or default_generator).numpy


def uniform(shape: tuple[int, ...], kind: np.dtype[Any], generator: Generator | None) -> Array:
    """Uniform numbers in [0, 1): 24 random bits for float32, 53 for float64."""
    stream = _stream(generator)
    if kind == np.float64:
        return np.asarray(stream.random_sample(shape))
    bits = stream.randint(0, 2**24, shape, np.int32)
    return np.asarray(np.asarray(bits, np.float32) * np.float32(2.0**-24)).astype(kind, copy=False)


def gaussian(shape: tuple[int, ...], kind: np.dtype[Any], generator: Generator | None) -> Array:
    """Normal numbers of mean 0 and variance 1; complex ones have variance 1 in all."""
    stream = _stream(generator)
    if kind.kind == "c":
        return np.asarray(
            (stream.standard_normal(shape) + 1j * stream.standard_normal(shape)) * np.sqrt(0.5)
        ).astype(kind)
    return np.asarray(stream.standard_normal(shape)).astype(kind)


def rand(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1)."""
    return finished(uniform(_shape(size), _kind(dtype), generator), requires_grad, device)


def rand_like(
    input: Tensor,
    *,
    dtype: Any = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Uniform numbers in [0, 1) in the shape and type of ``input``."""
    return finished(uniform(input._array.shape, _like(input, dtype), generator), requires_grad, device)


def randn(
    *size: Any,
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers of mean 0 and variance 1."""
    return finished(gaussian(_shape(size), _kind(dtype), generator), requires_grad, device)


def randn_like(
    input: Tensor,
    *,
    dtype: Any = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
    device: Any = None,
) -> Tensor:
    """Normal numbers in the shape and type of ``input``."""
    return finished(gaussian(input._array.shape, _like(input, dtype), generator), requires_grad, device)


def randint(*args: Any, generator: Generator | None = None, dtype: Any = None, device: Any = None,
            requires_grad: bool = False, low: int = 0, high: int | None = None,
            size: Any = None) -> Tensor:  # fmt: skip
    """Whole numbers from ``low`` (0) up to but without ``high``: ``randint(high, size)`` or
    ``randint(low, high, size)``.
    """
    given = list(args)
    if size is None:
        size = given.pop()
    if len(given) == 2:
        low, high = given
    elif len(given) == 1:
        low, high = (low, given[0]) if high is None else (given[0], high)
    if high is None or low >= high:
        raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
    kind = np.dtype(np.int64) if dtype is None else as_dtype(dtype).numpy
    return finished(
        np.asarray(_stream(generator).randint(low, high, _shape((size,)), np.int64)).astype(kind),
        requires_grad,
        device,
    )


def randint_like(input: Tensor, low: int, high: int | None = None, *, dtype: Any = None) -> Tensor:
    """Whole numbers in the shape and type of ``input``."""
    start, stop = (0, low) if high is None else (low, high)
    return randint(start, stop, input._array.shape, dtype=input.dtype if dtype is None else dtype)


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: Any = dtypes.int64,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """The numbers 0 to ``n`` - 1 in random order."""
    if n < 0:
        raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
    return finished(_stream(generator).permutation(n).astype(as_dtype(dtype).numpy), requires_grad, device)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers with the given means and deviations, numbers or tensors."""
    parts = [each._array if isinstance(each, Tensor) else each for each in (mean, std)]
    if np.size(parts[1]) and np.min(parts[1]) < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {np.min(parts[1])}")
    shape = _shape((size,)) if size is not None else np.broadcast_shapes(*(np.shape(each) for each in parts))
    kind = (
        next((each._array.dtype for each in (mean, std) if isinstance(each, Tensor)), None)
        if dtype is None
        else None
    )
    drawn = gaussian(shape, kind or _kind(dtype), generator)
    return finished(np.asarray(drawn * parts[1] + parts[0], drawn.dtype), requires_grad)


def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that ``input`` (or ``p``) says, else 0."""
    chance = input._array if p is None else p
    if np.any(np.asarray(chance) < 0) or np.any(np.asarray(chance) > 1):
        raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    drawn = uniform(input._array.shape, np.dtype(np.float64), generator) < chance
    return from_array(np.asarray(drawn).astype(input._array.dtype))


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson counts with the rates ``input``."""
    return from_array(np.asarray(_stream(generator).poisson(input._array)).astype(input._array.dtype))


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Positions drawn with the weights in each row of ``input``."""
    weights = np.atleast_2d(input._array).astype(np.float64)
    if (weights < 0).any() or not np.isfinite(weights).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if (weights.sum(1) <= 0).any():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and num_samples > weights.shape[1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    stream = _stream(generator)
    rows = [stream.choice(weights.shape[1], num_samples, replacement, row / row.sum()) for row in weights]
    drawn = np.asarray(rows, np.int64)
    return from_array(drawn[0] if input._array.ndim == 1 else drawn)


# -- dropout -------------------------------------------------------------------------------------------------


@op(Kind.GENERAL, node="NativeDropoutBackward0", shown="dropout",
    input=lambda F, g, mask, scale: F.mask_scale(g, mask, scale))  # fmt: skip
def mask_scale(xp: Namespace, input: Array, mask: Array, scale: float) -> Array:
    """``input * mask * scale``."""
    return input * (mask * input.dtype.type(scale))


def dropout(
    input: Tensor, p: float = 0.5, train: bool = True, *, generator: Generator | None = None
) -> Tensor:
    """Each element set to 0 with probability ``p``, the others scaled by ``1 / (1 - p)``; the input itself
    unless ``train``.

    Raises ValueError unless ``p`` is in [0, 1].
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not train or p == 0:
        return input
    if p == 1:
        return input * 0.0
    kept = uniform(input._array.shape, np.dtype(np.float32), generator) >= p
    return mask_scale(input, from_array(np.asarray(kept)), 1.0 / (1.0 - p))


# -- in place ------------------------------------------------------------------------------------------------


def _drawing(draw: Any, name: str) -> Any:
    """An in-place method that fills a tensor with what ``draw(shape, type, ...)`` gives."""
    write = in_place(copied, name)

    def fill(t: Tensor, *args: Any, generator: Generator | None = None, **kwargs: Any) -> Tensor:
        return write(
            t, from_array(np.asarray(draw(t._array.shape, t._array.dtype, generator, *args, **kwargs)))
        )

    fill.__name__ = fill.__qualname__ = name
    fill.__doc__ = draw.__doc__
    return fill


def _uniform_between(shape: Any, kind: Any, generator: Any, a: float = 0.0, b: float = 1.0) -> Array:
    """Fill with uniform numbers in [a, b)."""
    if a > b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a} > to={b}")
    return uniform(shape, kind, generator) * kind.type(b - a) + kind.type(a)


def _normal_about(shape: Any, kind: Any, generator: Any, mean: float = 0.0, std: float = 1.0) -> Array:
    """Fill with normal numbers."""
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return gaussian(shape, kind, generator) * kind.type(std) + kind.type(mean)


def _bernoulli_with(shape: Any, kind: Any, generator: Any, p: Any = 0.5) -> Array:
    """Fill with 1 at probability p, else 0."""
    if isinstance(p, Tensor):
        return (uniform(shape, np.dtype(np.float64), generator) < p._array).astype(kind)
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p}")
    words = np.frombuffer(_stream(generator).bytes(4 * math.prod(shape)), "<u4")
    return (words < round(p * 2**32)).astype(kind).reshape(shape)


def _exponential_with(shape: Any, kind: Any, generator: Any, lambd: float = 1.0) -> Array:
    """Fill with exponential numbers of rate lambd."""
    return (-np.log1p(-uniform(shape, np.dtype(np.float64), generator)) / lambd).astype(kind)


def _random_between(shape: Any, kind: Any, generator: Any, low: int = 0, high: int | None = None) -> Array:
    """Fill with whole numbers from low up to but without high."""
    top = high if high is not None else 2 ** (24 if kind == np.float32 else 31)
    return np.asarray(_stream(generator).randint(low, top, shape, np.int64)).astype(kind)


uniform_ = _drawing(_uniform_between, "uniform_")
normal_ = _drawing(_normal_about, "normal_")
bernoulli_ = _drawing(_bernoulli_with, "bernoulli_")
exponential_ = _drawing(_exponential_with, "exponential_")
random_ = _drawing(_random_between, "random_")
