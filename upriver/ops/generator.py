"""Random numbers: one generator for the process, seeded by :func:`manual_seed`, or one of your own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import CPU, Device, Tensor, from_array

__all__ = [
    "Generator",
    "default_generator",
    "get_rng_state",
    "initial_seed",
    "manual_seed",
    "seed",
    "set_rng_state",
]

STATE_WORDS = 624


class Generator:
    """A stream of random numbers: the Mersenne Twister, as in PyTorch.

    >>> import upriver as up
    >>> a, b = up.Generator().manual_seed(1), up.Generator().manual_seed(1)
    >>> bool((up.rand(3, generator=a) == up.rand(3, generator=b)).all())
    True
    """

    def __init__(self, device: Any = CPU) -> None:
        self.device = Device(device) if not isinstance(device, Device) else device
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream that belongs to ``seed`` and return the generator."""
        self._seed = int(seed) % 2**64
        self._stream: np.random.RandomState | None = None
        return self

    @property
    def numpy(self) -> np.random.RandomState:
        """NumPy's stream behind it, made when first drawn from: importing numpy.random costs as much as the
        operators.
        """
        if self._stream is None:
            self._stream = np.random.RandomState(self._seed & 0xFFFFFFFF)
        return self._stream

    def seed(self) -> int:
        """Start a stream from the system's randomness and return its seed."""
        chosen = int(np.random.SeedSequence().generate_state(1, np.uint64)[0])
        self.manual_seed(chosen)
        return chosen

    def initial_seed(self) -> int:
        """The seed the stream was started with."""
        return self._seed

    def get_state(self) -> Tensor:
        """The state as a tensor of bytes, for :meth:`set_state`."""
        _, words, position, has_gauss, gauss = self.numpy.get_state()
        parts = (
            np.asarray(words, np.uint32).tobytes(),
            np.array([position, has_gauss], np.int64).tobytes(),
            np.array([gauss]).tobytes(),
            np.array([self._seed], np.uint64).tobytes(),
        )
        return from_array(np.frombuffer(b"".join(parts), np.uint8).copy())

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from a state of :meth:`get_state`; raises RuntimeError for anything else."""
        raw = new_state._array.tobytes()
        if new_state._array.dtype != np.uint8 or len(raw) != STATE_WORDS * 4 + 32:
            raise RuntimeError("RNG state must be the ByteTensor that get_state() returned")
        words = np.frombuffer(raw[: STATE_WORDS * 4], np.uint32)
        position, has_gauss = np.frombuffer(raw[STATE_WORDS * 4 : STATE_WORDS * 4 + 16], np.int64)
        gauss = np.frombuffer(raw[STATE_WORDS * 4 + 16 : STATE_WORDS * 4 + 24], np.float64)[0]
        self._seed = int(np.frombuffer(raw[STATE_WORDS * 4 + 24 :], np.uint64)[0])
        self.numpy.set_state(("MT19937", words, int(position), int(has_gauss), float(gauss)))
        return self


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the process's generator and return it."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seed the process's generator from the system's randomness and return the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the process's generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Tensor:
    """The state of the process's generator."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Restore a state of :func:`get_rng_state`."""
    default_generator.set_state(new_state)
