"""Views, joins and rearrangements."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import ALL_NUMBERS, COMPLEX, EVERYTHING, Const, Draw, Refusal, Row, S


def view(name: str, *calls: tuple[Any, ...], refusals: tuple[Refusal, ...] = (), **more: Any) -> Row:
    """A row whose samples are `(shape, *arguments)`."""
    more.setdefault("dtypes", EVERYTHING)
    return Row(
        name, lambda d: [S(d.real(*shape), *rest) for shape, *rest in calls], refusals=refusals, **more
    )


def complex_pairs(draw: Draw) -> list[Any]:
    """A last dimension of two."""
    return [S(Draw("pairs").real(3, 2))]


ROWS = [
    view(
        "reshape",
        ((2, 6), (3, 4)),
        ((2, 6), (-1,)),
        ((1,), ()),
        ((0, 3), (0, 5)),
        refusals=(Refusal(S(np.zeros(6), (4,)), RuntimeError, "shape '[4]' is invalid for input of size 6"),),
    ),
    view("Tensor.view", ((2, 6), 3, 4), ((2, 6), (-1, 2)), ((2, 3), -1)),
    Row(
        "Tensor.view",
        lambda d: [S(d.real(2, 6))],
        call=lambda lib, x: x.view(lib.int32),
        dtypes=("float32",),
        differentiable=False,
    ),
    view("Tensor.reshape", ((2, 6), 4, -1)),
    Row(
        "Tensor.view_as",
        lambda d: [S(d.real(2, 3), Const(d.real(3, 2)))],
        call=lambda lib, x, y: x.view_as(y),
    ),
    view("flatten", ((2, 3, 2),), ((2, 3, 2), 1), ((),), ((2, 3, 2), 0, 1)),
    view("unflatten", ((2, 6), 1, (2, 3)), ((6,), 0, (-1, 2))),
    view("ravel", ((2, 3),)),
    view("squeeze", ((2, 1, 3, 1),), ((2, 1, 3), 1), ((2, 1, 3), 0), ((1, 2, 1), (0, 2))),
    view("unsqueeze", ((2, 3), 0), ((2, 3), -1), ((), 0)),
    view("transpose", ((2, 3, 4), 0, 2), ((2, 3), -1, -2)),
    view("swapaxes", ((2, 3, 4), 0, 2)),
    view("t", ((2, 3),), ((3,),), ((),)),
    Row("Tensor.T", lambda d: [S(d.real(2, 3))], call=lambda lib, x: x.T),
    Row("Tensor.mT", lambda d: [S(d.real(2, 3, 2))], call=lambda lib, x: x.mT),
    Row("Tensor.mH", lambda d: [S(d.real(2, 3, 2))], call=lambda lib, x: x.mH * 1, dtypes=COMPLEX),
    view("permute", ((2, 3, 4), (2, 0, 1)), ((2, 3), (-1, 0))),
    view("movedim", ((2, 3, 4), 0, 2), ((2, 3, 4), (0, 1), (1, 0))),
    view(
        "Tensor.expand",
        ((3,), 2, 3),
        ((2, 1), 2, 4),
        ((2, 1), -1, 3),
        ((), 2),
        refusals=(
            Refusal(
                S(np.zeros(3), 2),
                RuntimeError,
                (
                    "The expanded size of the tensor (2) must match the existing size (3) at "
                    "non-singleton dimension 0"
                ),
            ),
        ),
    ),
    view("broadcast_to", ((3,), (2, 3)), ((2, 1), (2, 4))),
    Row("Tensor.expand_as", lambda d: [S(d.real(3), d.real(2, 3))]),
    Row(
        "Tensor.sum_to_size",
        lambda d: [S(d.real(2, 3), 3), S(d.real(2, 3), 2, 1), S(d.real(2, 3), 1, 1), S(d.real(2), (2,))],
        refusals=(
            Refusal(S(np.zeros((3, 2)), 5), RuntimeError, "size {[5]} is not expandable to size {[3, 2]}."),
        ),
    ),
    Row("broadcast_tensors", lambda d: [S(d.real(3), d.real(2, 1))]),
    view("narrow", ((4, 3), 0, 1, 2), ((4, 3), 1, 0, 2)),
    view("select", ((4, 3), 0, 2), ((4, 3), 1, -1)),
    view("diagonal", ((3, 3),), ((3, 4), 1), ((2, 3, 3), -1, 1, 2)),
    view("diag", ((3,),), ((3, 3),), ((2,), 1)),
    view("diag_embed", ((3,),), ((2, 3), 1), dtypes=COMPLEX),
    view("tril", ((3, 3),), ((3, 4), 1)),
    view("triu", ((3, 3),), ((3, 4), -1)),
    view("unbind", ((2, 3),), ((2, 3), 1)),
    view("split", ((5, 2), 2), ((5, 2), (1, 4)), ((2, 6), 4, 1)),
    view("chunk", ((5, 2), 2), ((2, 6), 4, 1)),
    view("tensor_split", ((5, 2), 2), ((5, 2), (1, 3))),
    view("unfold", ((6,), 0, 3, 2), call=lambda lib, x, *rest: x.unfold(*rest), dtypes=COMPLEX),
    view("Tensor.contiguous", ((2, 3),)),
    view(
        "Tensor.as_strided",
        ((6,), (2, 3), (3, 1)),
        ((6,), (3, 2), (1, 2), 1),
        ((4,), (2, 3), (1, 1)),
        dtypes=COMPLEX,
        any_layout=False,
    ),
    Row(
        "cat",
        lambda d: [
            S([d.real(2, 3), d.real(1, 3)]),
            S([d.real(2, 3), d.real(2, 1)], dim=-1),
            S([d.real(2, 3)]),
            S([d.real(0), d.real(2)]),
        ],
        dtypes=EVERYTHING,
        refusals=(
            Refusal(
                S([np.zeros((2, 3)), np.zeros((2, 4))]),
                RuntimeError,
                (
                    "Sizes of tensors must match except in dimension 0. Expected size 3 but "
                    "got size 4 for tensor number 1 in the list."
                ),
            ),
        ),
    ),
    Row(
        "stack",
        lambda d: [
            S([d.real(2, 3), d.real(2, 3)]),
            S([d.real(3), d.real(3)], dim=-1),
            S([d.real(), d.real()]),
        ],
        dtypes=EVERYTHING,
        refusals=(
            Refusal(
                S([np.zeros(3), np.zeros(4)]),
                RuntimeError,
                "stack expects each tensor to be equal size, but got [3] at entry 0 and [4] at entry 1",
            ),
        ),
    ),
    Row("dstack", lambda d: [S([d.real(2, 3), d.real(2, 3)])]),
    Row("column_stack", lambda d: [S([d.real(2), d.real(2, 3)])]),
    *(view(f"atleast_{n}d", ((),), ((3,),), ((2, 3),)) for n in (1, 2, 3)),
    view("hsplit", ((2, 4), 2), ((4,), (1, 3))),
    view("vsplit", ((4, 2), 2)),
    view("dsplit", ((1, 2, 4), 2)),
    view("fliplr", ((2, 3),)),
    view("flipud", ((2, 3),)),
    view("adjoint", ((2, 3),), call=lambda lib, x: lib.adjoint(x) * 1, dtypes=COMPLEX),
    Row("Tensor.reshape_as", lambda d: [S(d.real(2, 3), Const(d.real(3, 2)))]),
    Row("hstack", lambda d: [S([d.real(2), d.real(3)]), S([d.real(2, 1), d.real(2, 3)])]),
    Row("vstack", lambda d: [S([d.real(3), d.real(3)]), S([d.real(2, 3), d.real(1, 3)])]),
    view("flip", ((2, 3), (0,)), ((2, 3), (0, 1)), ((2, 3), (-1,))),
    view("roll", ((5,), 2), ((2, 3), 1), ((2, 3), 1, 0), ((2, 3), (1, -1), (0, 1))),
    view("rot90", ((2, 3),), dtypes=COMPLEX),
    view("tile", ((2, 3), (2,)), ((3,), (2, 2))),
    view("Tensor.repeat", ((2, 3), 2, 1), ((3,), 2, 2)),
    view("repeat_interleave", ((3,), 2), ((2, 3), 2, 1)),
    Row("repeat_interleave", lambda d: [S(d.real(3), np.array([1, 0, 2]))]),
    view(
        "nn.functional.pad",
        ((2, 3), (1, 2)),
        ((2, 3), (1, 0, 0, 2)),
        ((2, 3), (1, 1), "constant", 3.0),
        ((2, 4), (-1, 1)),
        dtypes=ALL_NUMBERS,
    ),
    view(
        "nn.functional.pad",
        ((1, 2, 4), (1, 2), "reflect"),
        ((1, 2, 4), (1, 2), "replicate"),
        ((1, 2, 4), (1, 2), "circular"),
        dtypes=COMPLEX,
    ),
    Row(
        "meshgrid", lambda d: [S(d.real(2), d.real(3), indexing="ij"), S(d.real(2), d.real(3), indexing="xy")]
    ),
    Row("view_as_complex", complex_pairs, dtypes=("float64",), any_layout=False),
    Row("view_as_real", lambda d: [S(Draw("pairs", "complex128").real(3))], dtypes=("float64",)),
    Row("complex", lambda d: [S(d.real(2, 3), d.real(2, 3))]),
    Row("polar", lambda d: [S(d.positive(2, 3), d.real(2, 3))]),
]
