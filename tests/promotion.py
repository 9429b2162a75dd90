"""The dtype of every operator's result over every pair of dtypes, and kinds of operand."""

from __future__ import annotations

from itertools import product
from typing import Any

DTYPES = (
    "bool",
    "uint8",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
)
BINARY = ("add", "mul", "sub", "div", "pow", "eq", "maximum", "floor_divide", "remainder", "atan2", "where")
UNARY = (
    "neg",
    "abs",
    "exp",
    "sqrt",
    "floor",
    "sum",
    "mean",
    "prod",
    "cumsum",
    "sigmoid",
    "argmax",
    "square",
    "any",
)
NUMBERS: tuple[Any, ...] = (True, 2, 2.5, 2j)


def dtype_name(lib: Any, call: Any) -> str:
    """The result's dtype, or the word "refused"."""
    try:
        return str(call().dtype).rpartition(".")[2].replace("complex32", "refused")
    except (RuntimeError, TypeError, NotImplementedError):
        return "refused"


def call_binary(lib: Any, name: str, a: Any, b: Any) -> Any:
    """The operator over two operands."""
    if name == "where":
        return lib.where(lib.tensor([True, False]), a, b)
    return getattr(lib, name)(a, b)


def operand(lib: Any, dtype: str, kind: str) -> Any:
    """A 1-d or a 0-d Tensor of ones."""
    return lib.ones((2,) if kind == "1d" else (), dtype=getattr(lib, dtype))


def promotion_table(lib: Any) -> dict[str, str]:
    """A line an operator, first dtype and kinds: the result dtypes, in the order of the second dtype."""
    table: dict[str, str] = {}
    for name, left, kinds in product(BINARY, DTYPES, (("1d", "1d"), ("1d", "0d"), ("0d", "1d"))):
        first = operand(lib, left, kinds[0])
        seconds = (operand(lib, right, kinds[1]) for right in DTYPES)
        found = [dtype_name(lib, lambda s=s, f=first, n=name: call_binary(lib, n, f, s)) for s in seconds]
        table[f"{name} {left} {kinds[0]}-{kinds[1]}"] = " ".join(found)
    for name, left, kind in product(("add", "mul", "div", "pow", "eq"), DTYPES, ("1d", "0d")):
        first = operand(lib, left, kind)
        found = [dtype_name(lib, lambda n=n, f=first, o=name: getattr(lib, o)(f, n)) for n in NUMBERS]
        table[f"{name} {left} {kind}-number"] = " ".join(found)
    for name, left in product(UNARY, DTYPES):
        table[f"{name} {left}"] = dtype_name(
            lib, lambda n=name, d=left: getattr(lib, n)(operand(lib, d, "1d"))
        )
    return table
