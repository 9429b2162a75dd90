"""Tensors on disk, in the safetensors format that pretrained weights come in.

A file is replaced as a whole or not at all: what is saved goes to a new file in the same folder first, which
takes the old one's place when all of it has reached the disk. A process killed half-way leaves the old file
as it was (and may leave the new one beside it, its name ending in ``.tmp``).
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..tensor import Tensor, from_array

__all__ = ["load_file", "load_into", "save_file"]

Array = np.ndarray[Any, Any]
Path = str | os.PathLike[str]

# The element types that the format and NumPy share.
KEPT = frozenset(
    {"bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"}
    | {"float16", "float32", "float64", "complex64"}
)


def save_file(tensors: Mapping[str, Tensor], path: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write ``tensors`` to ``path``, and ``metadata``, if any, into the file's header.

    The elements are written in row-major order whatever the tensors' strides. Raises RuntimeError for tensors
    that share memory, because the file would hold it twice and they would be separate when loaded; TypeError
    for what is no Tensor or has a type that the format lacks (complex128). The old file stays whole when
    anything goes wrong.

    >>> import os, tempfile
    >>> import upriver as up
    >>> from upriver.interop.safetensors import load_file, save_file
    >>> path = os.path.join(tempfile.mkdtemp(), "w.safetensors")
    >>> save_file({"w": up.ones(2)}, path, metadata={"step": "3"})
    >>> load_file(path)
    {'w': tensor([1., 1.])}
    """
    library = _library()
    arrays = _arrays(tensors)
    _refuse_shared(arrays)
    rows = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()}
    header = _text(metadata)
    _replace(path, lambda temporary: library.numpy.save_file(rows, temporary, metadata=header))


def load_file(path: Path, *, names: Iterable[str] | None = None) -> dict[str, Tensor]:
    """The tensors in the file, or those of them called ``names``, read without the rest.

    bfloat16, which NumPy lacks, is widened to float32 (exactly). Raises FileNotFoundError, ValueError for
    what is no safetensors file, KeyError for a name that is not in it, TypeError for the 8-bit and smaller
    floats.
    """
    wanted = None if names is None else list(names)
    with _open(path) as file:
        present = list(file.keys())
        for name in wanted or ():
            if name not in present:
                near = difflib.get_close_matches(name, present, 3)
                hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
                raise KeyError(f"{os.fspath(path)} has no tensor {name!r} among its {len(present)}{hint}")
        return {name: from_array(_read(file, path, name)) for name in (present if wanted is None else wanted)}


def load_into(module: Any, path: Path, strict: bool = True, prefix: str = "") -> Any:
    """Load the file into ``module``'s parameters and buffers; returns what ``load_state_dict`` returns.

    Only names beginning with ``prefix`` are read, and the module's names are theirs without it. With
    ``strict`` the two sets of names must be the same, otherwise RuntimeError lists the differences.

    >>> import os, tempfile
    >>> import upriver as up
    >>> from upriver.interop.safetensors import load_into, save_file
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> save_file({"head.weight": up.ones(1, 2), "head.bias": up.zeros(1), "other": up.zeros(9)}, path)
    >>> linear = up.nn.Linear(2, 1)
    >>> load_into(linear, path, prefix="head.")
    <All keys matched successfully>
    >>> linear.weight.tolist()
    [[1.0, 1.0]]
    """
    with _open(path) as file:
        names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118 - no mapping
    state = {name[len(prefix) :]: tensor for name, tensor in load_file(path, names=names).items()}
    return module.load_state_dict(state, strict=strict)


# -- what goes in --------------------------------------------------------------------------------------------


def _library() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "reading and writing safetensors files needs the safetensors library: pip install 'upriver[hub]'"
        ) from error
    return safetensors


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, Array]:
    """The raw arrays, all of types that the format has."""
    if not isinstance(tensors, Mapping):
        raise TypeError(f"expected a dictionary from names to Tensors, but got {type(tensors).__name__}")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise TypeError(
                f"expected a dictionary from names to Tensors, but the entry {name!r} is a "
                f"{type(tensor).__name__}"
            )
        if tensor.dtype.name not in KEPT:
            raise TypeError(
                f"{name!r} has the dtype {tensor.dtype.name}, which the safetensors format lacks. It has "
                f"{', '.join(sorted(KEPT))}: convert with .to(...), or save the real and imaginary parts"
            )
    return {name: tensor._array for name, tensor in tensors.items()}


def _refuse_shared(arrays: Mapping[str, Array]) -> None:
    """Raise RuntimeError if two of the arrays share elements."""
    extents = sorted(
        (*np.lib.array_utils.byte_bounds(array), name) for name, array in arrays.items() if array.size
    )
    reaching: list[tuple[int, str]] = []  # those that began before this one and end after its start
    for start, stop, name in extents:
        reaching = [(end, other) for end, other in reaching if end > start]
        for _, other in reaching:
            if np.shares_memory(arrays[other], arrays[name]):
                raise RuntimeError(
                    "Some tensors share memory, this will lead to duplicate memory on disk and potential "
                    f"differences when loading them again: {other!r} and {name!r}. Save one of the names "
                    "only, or a .clone()"
                )
        reaching.append((stop, name))


def _text(metadata: Mapping[str, str] | None) -> dict[str, str] | None:
    for key, value in (metadata or {}).items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"metadata maps str to str, but got {key!r}: {value!r}")
    return None if metadata is None else dict(metadata)


# -- what comes out ------------------------------------------------------------------------------------------


def _open(path: Path) -> Any:
    library = _library()
    try:
        return library.safe_open(os.fspath(path), framework="numpy")
    except library.SafetensorError as error:
        raise ValueError(f"{os.fspath(path)} is not a safetensors file: {error}") from error


def _read(file: Any, path: Path, name: str) -> Array:
    kind = file.get_slice(name).get_dtype()
    if kind == "BF16":
        return _widened(path, name)
    if kind.startswith(("F4", "F6_", "F8_")):
        raise TypeError(f"{name!r} in {os.fspath(path)} has the type {kind}, for which NumPy has no equal")
    array: Array = file.get_tensor(name)
    return array


def _widened(path: Path, name: str) -> Array:
    """A bfloat16 tensor as float32: its bits are the upper half of that."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(size))[name]
        begin, end = entry["data_offsets"]
        file.seek(8 + size + begin)
        bits = np.frombuffer(file.read(end - begin), "<u2")
    return (bits.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])


# -- all or nothing ------------------------------------------------------------------------------------------


def _replace(path: Path, write: Callable[[str], None]) -> None:
    """Put what ``write`` writes in the place of ``path`` once it is on disk; a link keeps its target."""
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
    try:
        write(temporary)
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        with _opened(temporary, os.O_RDWR) as file:
            os.fsync(file)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if os.name == "posix":  # the folder's entry is data too; elsewhere a folder cannot be opened
        with _opened(os.path.dirname(target), os.O_RDONLY) as folder:
            os.fsync(folder)


@contextlib.contextmanager
def _opened(path: str, flags: int) -> Iterator[int]:
    number = os.open(path, flags)
    try:
        yield number
    finally:
        os.close(number)
