"""What a row of the operator table is: how to call the operator, and what to call it with."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

FLOATS = ("float64", "float32")
COMPLEX = (*FLOATS, "complex128")
NUMBERS = (*FLOATS, "int64")
ALL_NUMBERS = (*COMPLEX, "int64")
EVERYTHING = (*ALL_NUMBERS, "bool")


class Draw:
    """Arrays that depend on nothing but a name and a dtype (RandomState's stream never changes)."""

    def __init__(self, name: str, dtype: str = "float64") -> None:
        self.random = np.random.RandomState(zlib.crc32(name.encode()))
        self.dtype = np.dtype(dtype)

    def _between(self, low: float, high: float, shape: tuple[int, ...]) -> np.ndarray:
        values = np.asarray(self.random.uniform(low, high, shape))
        if self.dtype.kind == "c":
            return np.asarray(values + 1j * self.random.uniform(low, high, shape), dtype=self.dtype)
        if self.dtype.kind == "b":
            return np.asarray(values > (low + high) / 2)
        if self.dtype.kind in "iu":
            return np.asarray(np.ceil(values * 2), dtype=self.dtype)
        return values.astype(self.dtype)

    def real(self, *shape: int) -> np.ndarray:
        """Numbers of both signs, any magnitude up to 2."""
        return self._between(-2.0, 2.0, shape)

    def positive(self, *shape: int) -> np.ndarray:
        """Numbers well above zero."""
        return self._between(0.4, 2.5, shape)

    def unit(self, *shape: int) -> np.ndarray:
        """Numbers inside (-1, 1), away from the bounds."""
        return self._between(-0.9, 0.9, shape)

    def probability(self, *shape: int) -> np.ndarray:
        """Numbers inside (0, 1), away from the bounds."""
        return self._between(0.1, 0.9, shape)

    def away(self, *shape: int) -> np.ndarray:
        """Numbers of both signs, none within 0.3 of zero, none near an integer or a half."""
        size = int(np.prod(shape, dtype=int))
        values = self.random.randint(-3, 3, size) + 0.5 + self.random.uniform(0.1, 0.4, size)
        return self._cast(values.reshape(shape))

    def distinct(self, *shape: int) -> np.ndarray:
        """Numbers no two of which are closer than 0.3: safe for max, sort and median."""
        size = int(np.prod(shape, dtype=int))
        if self.dtype.kind in "iu":
            return np.asarray(self.random.permutation(size) - size // 2, dtype=self.dtype).reshape(shape)
        values = (self.random.permutation(size) - size / 2) * 0.5 + self.random.uniform(0.0, 0.2, size)
        return self._cast(values.reshape(shape))

    def _cast(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(np.ceil(values) if self.dtype.kind in "iu" else values).astype(self.dtype)

    def definite(self, *shape: int) -> np.ndarray:
        """Symmetric (Hermitian) positive definite matrices."""
        a = self.real(*shape)
        return np.asarray(a @ np.conj(np.swapaxes(a, -1, -2)) + 2 * np.eye(shape[-1]), dtype=self.dtype)

    def regular(self, *shape: int) -> np.ndarray:
        """Matrices far from singular."""
        return np.asarray(self.unit(*shape) + 3 * np.eye(shape[-2], shape[-1]), dtype=self.dtype)

    def index(self, high: int, *shape: int) -> np.ndarray:
        """Indices below `high`, as int64."""
        return np.asarray(self.random.randint(0, high, shape), dtype=np.int64)

    def mask(self, *shape: int) -> np.ndarray:
        """Booleans, about half of them true."""
        return np.asarray(self.random.uniform(size=shape) > 0.5)


@dataclass(frozen=True)
class Const:
    """An array that no gradient is asked for."""

    array: np.ndarray


@dataclass(frozen=True)
class Sample:
    """One call: arrays become Tensors (floating ones require a gradient), the rest is passed as it is."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)


def S(*args: Any, **kwargs: Any) -> Sample:
    """A sample, written as the call it stands for."""
    return Sample(args, kwargs)


@dataclass(frozen=True)
class Refusal:
    """A call that must be refused, with PyTorch's class and the words its message starts with."""

    sample: Sample
    error: type[BaseException]
    starts: str = ""


Samples = Callable[[Draw], Iterable[Sample]]


@dataclass(frozen=True)
class Row:
    """One operator: its PyTorch name, sample inputs, domain and what is special about it.

    `name` is the dotted path below the library (`sin`, `linalg.solve`, `nn.functional.pad`) or, with a
    `Tensor.` prefix, a method. `call(lib, *args, **kwargs)` replaces it where a name is not the whole story.
    `any_layout` is false where the memory layout is part of the meaning (as_strided); `loose` widens the
    dtype's tolerance.
    `specials` are ties, bounds and singular points: compared with PyTorch, but no finite differences there.
    """

    name: str
    samples: Samples
    call: Callable[..., Any] | None = None
    dtypes: tuple[str, ...] = FLOATS
    specials: Samples | None = None
    refusals: tuple[Refusal, ...] = ()
    differentiable: bool = True
    twice: bool = True
    any_layout: bool = True
    loose: float = 1.0

    @property
    def main_dtype(self) -> str:
        """The dtype most tests run in."""
        return "float64" if "float64" in self.dtypes else self.dtypes[0]

    def each(self, dtype: str = "", seed: int = 0) -> Iterator[tuple[str, Sample]]:
        """The samples in one dtype, with a label each."""
        draw = Draw(f"{self.name}/{seed}", dtype or self.main_dtype)
        for number, sample in enumerate(self.samples(draw)):
            yield f"{number}", sample

    def each_special(self, dtype: str = "float64") -> Iterator[tuple[str, Sample]]:
        """The special points in one dtype, with a label each."""
        for number, sample in enumerate(self.specials(Draw(self.name, dtype)) if self.specials else ()):
            yield f"special{number}", sample

    def apply(self, lib: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the operator of `lib` (upriver or torch)."""
        if self.call is not None:
            return self.call(lib, *args, **kwargs)
        if self.name.startswith("Tensor."):
            return getattr(args[0], self.name[7:])(*args[1:], **kwargs)
        target = lib
        for part in self.name.split("."):
            target = getattr(target, part)
        return target(*args, **kwargs)
