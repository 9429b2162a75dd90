"""Products, einsum and linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.op_samples.row import ALL_NUMBERS, COMPLEX, Refusal, Row, S

PRODUCTS = (
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((5, 1, 2, 3), (4, 3, 2)),
    ((5, 2, 3), (3,)),
    ((3,), (5, 3, 2)),
    ((0, 3), (3, 4)),
    ((2, 0), (0, 4)),
)
EQUATIONS = (
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("i,j->ij", (2,), (3,)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->ji", (2, 3)),
    ("ijk->", (2, 3, 2)),
    ("...ij,...jk->...ik", (2, 2, 3), (3, 2)),
    ("bhid,bhjd->bhij", (1, 2, 3, 2), (1, 2, 2, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
    ("ij,ij->i", (2, 3), (2, 3)),
    ("ij,k->j", (2, 3), (2,)),
)


def contract(name: str, *shapes: tuple[tuple[int, ...], ...], **more: Any) -> Row:
    """A row whose samples are given by the shapes of their operands."""
    more.setdefault("dtypes", ALL_NUMBERS)
    return Row(name, lambda d: [S(*(d.real(*shape) for shape in group)) for group in shapes], **more)


def hermitian(lib: Any, a: Any) -> Any:
    """Eigenvalues and eigenvectors without their arbitrary signs."""
    values, vectors = lib.linalg.eigh((a + a.mH) / 2)
    return values, (vectors * vectors.conj()).real


def singular(lib: Any, a: Any, **options: Any) -> Any:
    """Singular values and vectors without their arbitrary signs."""
    u, s, vh = lib.linalg.svd(a, full_matrices=False, **options)
    return s, (u * u.conj()).real, (vh * vh.conj()).real, (u * s.unsqueeze(-2)) @ vh


def triangular(lib: Any, a: Any, b: Any, **options: Any) -> Any:
    """A triangular solve of a matrix that need not be one: the other half is ignored."""
    return lib.linalg.solve_triangular(a, b, **options)


def lstsq(lib: Any, a: Any, b: Any) -> Any:
    """The solution alone."""
    return lib.linalg.lstsq(a, b).solution


def general(lib: Any, a: Any) -> Any:
    """Eigenvalues and eigenvectors of any matrix, without their arbitrary order and phase."""
    values, vectors = lib.linalg.eig(a)
    return (
        (values * values).sum(),
        (values * values * values).sum(-1),
        (vectors @ lib.linalg.inv(vectors)).real,
    )


SINGULAR = (
    "linalg.{}: The diagonal element 1 is zero, the {} could not be completed because the "
    "input matrix is singular."
)
SQUARE = "linalg.{}: A must be batches of square matrices, but they are 2 by 3 matrices"

ROWS = [
    contract(
        "matmul",
        *PRODUCTS,
        refusals=(
            Refusal(
                S(np.zeros((2, 3)), np.zeros((2, 3))),
                RuntimeError,
                "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
            ),
            Refusal(
                S(np.zeros(()), np.zeros(3)),
                RuntimeError,
                "both arguments to matmul need to be at least 1D, but they are 0D and 1D",
            ),
        ),
    ),
    contract("mm", ((2, 3), (3, 4)), ((0, 3), (3, 2))),
    contract("bmm", ((2, 2, 3), (2, 3, 4)), ((0, 2, 3), (0, 3, 4))),
    contract("mv", ((2, 3), (3,))),
    contract("dot", ((3,), (3,)), ((0,), (0,))),
    contract("vdot", ((3,), (3,))),
    contract("inner", ((3,), (3,)), ((2, 3), (4, 3))),
    contract("outer", ((2,), (3,)), ((0,), (3,))),
    contract("addmm", ((2, 4), (2, 3), (3, 4)), ((4,), (2, 3), (3, 4))),
    Row("addmm", lambda d: [S(d.real(4), d.real(2, 3), d.real(3, 4), beta=0.5, alpha=2.0)]),
    contract("baddbmm", ((2, 2, 4), (2, 2, 3), (2, 3, 4))),
    contract("addmv", ((2,), (2, 3), (3,))),
    contract("kron", ((2, 2), (3, 2)), ((2,), (3,))),
    contract("cross", ((2, 3), (2, 3)), dtypes=COMPLEX, call=lambda lib, a, b: lib.linalg.cross(a, b)),
    Row(
        "tensordot",
        lambda d: [
            S(d.real(2, 3, 4), d.real(3, 4, 2), dims=2),
            S(d.real(2, 3), d.real(4, 2), dims=([0], [1])),
        ],
    ),
    Row(
        "einsum",
        lambda d: [S(eq, *(d.real(*shape) for shape in shapes)) for eq, *shapes in EQUATIONS],
        dtypes=COMPLEX,
    ),
    contract(
        "nn.functional.linear",
        ((2, 3), (4, 3)),
        ((2, 3), (4, 3), (4,)),
        ((5, 2, 3), (4, 3), (4,)),
        ((3,), (4, 3)),
        dtypes=COMPLEX,
    ),
    Row("linalg.multi_dot", lambda d: [S([d.real(2, 3), d.real(3, 4), d.real(4, 2)])]),
    Row("linalg.matrix_power", lambda d: [S(d.regular(3, 3), n) for n in (0, 1, 3, -1)]),
    Row(
        "linalg.inv",
        lambda d: [S(d.regular(3, 3)), S(d.regular(2, 2, 2)), S(d.regular(0, 0))],
        dtypes=COMPLEX,
        refusals=(
            Refusal(S(np.zeros((2, 2))), RuntimeError, SINGULAR.format("inv", "inversion")),
            Refusal(S(np.zeros((2, 3))), RuntimeError, SQUARE.format("inv")),
        ),
    ),
    Row("linalg.pinv", lambda d: [S(d.regular(3, 3)), S(d.regular(4, 2))], loose=10),
    Row(
        "linalg.solve",
        lambda d: [
            S(d.regular(3, 3), d.real(3)),
            S(d.regular(3, 3), d.real(3, 2)),
            S(d.regular(2, 3, 3), d.real(2, 3, 1)),
            S(d.regular(2, 3, 3), d.real(3, 2)),
        ],
        dtypes=COMPLEX,
        refusals=(
            Refusal(
                S(np.zeros((2, 2)), np.zeros(2)),
                RuntimeError,
                "torch.linalg.solve: The solver failed because the input matrix is singular.",
            ),
        ),
    ),
    Row(
        "linalg.solve_triangular",
        lambda d: (
            [S(d.regular(3, 3), d.real(3, 2), upper=up) for up in (True, False)]
            + [S(d.regular(2, 3, 3), d.real(2, 2, 3), upper=True, left=False)]
        ),
        call=triangular,
        dtypes=COMPLEX,
    ),
    Row(
        "linalg.cholesky",
        lambda d: [S(d.definite(3, 3)), S(d.definite(2, 2, 2))],
        call=lambda lib, a, **k: lib.linalg.cholesky((a + a.mH) / 2, **k),
        dtypes=COMPLEX,
        refusals=(
            Refusal(
                S(-np.eye(2)),
                RuntimeError,
                (
                    "linalg.cholesky: The factorization could not be completed because the "
                    "input is not positive-definite"
                ),
            ),
        ),
    ),
    Row(
        "linalg.det",
        lambda d: [S(d.regular(3, 3)), S(d.regular(2, 2, 2))],
        dtypes=COMPLEX,
    ),
    Row(
        "linalg.slogdet",
        lambda d: [S(d.regular(3, 3)), S(d.regular(2, 2, 2))],
        specials=lambda d: [S(np.array([[0.0, 1.0], [2.0, 0.0]], d.dtype))],
    ),
    Row("logdet", lambda d: [S(d.definite(3, 3))]),
    Row(
        "linalg.qr", lambda d: [S(d.regular(3, 3)), S(d.regular(4, 2)), S(d.regular(2, 3, 2))], dtypes=COMPLEX
    ),
    Row(
        "linalg.svd",
        lambda d: [S(d.real(3, 3)), S(d.real(4, 2)), S(d.real(2, 2, 3))],
        call=singular,
        dtypes=COMPLEX,
        loose=100,
    ),
    Row(
        "renorm",
        lambda d: [S(d.real(3, 4), 2, 0, 1.0), S(d.real(2, 3, 2), 1, -1, 2.5), S(d.real(2, 2), 2, 0, 9.0)],
        refusals=(
            Refusal(S(np.zeros(3), 2, 0, 1), RuntimeError, "renorm: input needs at least 2 dimensions"),
            Refusal(S(np.zeros((2, 2)), 2, 0, -1), RuntimeError, "renorm: expected maxnorm to be >= 0 but"),
        ),
    ),
    Row(
        "svd",
        lambda d: [S(d.regular(3, 3)), S(d.regular(4, 2)), S(d.regular(2, 4))],
        call=lambda lib, a: (lib.svd(a).U.abs(), lib.svd(a).S, lib.svd(a).V.abs()),
        loose=100,
    ),
    Row(
        "svd",
        lambda d: [S(d.regular(4, 2), compute_uv=False), S(d.regular(4, 2), some=False)],
        call=lambda lib, a, **options: (lib.svd(a, **options).S, lib.svd(a, **options).V.abs()),
        differentiable=False,
        loose=100,
    ),
    Row(
        "qr",
        lambda d: [S(d.regular(3, 3)), S(d.regular(4, 2))],
        call=lambda lib, a: tuple(each.abs() for each in lib.qr(a)),
        loose=10,
    ),
    Row("linalg.svdvals", lambda d: [S(d.real(3, 2))], loose=10),
    Row(
        "linalg.eigh",
        lambda d: [S(d.definite(3, 3)), S(d.definite(2, 2, 2))],
        call=hermitian,
        dtypes=COMPLEX,
        loose=100,
    ),
    Row(
        "linalg.eigvalsh",
        lambda d: [S(d.definite(3, 3))],
        call=lambda lib, a: lib.linalg.eigvalsh((a + a.mH) / 2),
        loose=10,
    ),
    Row("linalg.matrix_exp", lambda d: [S(d.unit(3, 3)), S(d.unit(2, 2, 2))], loose=10),
    Row("linalg.eig", lambda d: [S(d.real(3, 3))], call=general, loose=1000),
    Row("linalg.lstsq", lambda d: [S(d.regular(4, 2), d.real(4, 3))], call=lstsq, loose=10),
    Row(
        "linalg.norm",
        lambda d: [
            S(d.away(3)),
            S(d.away(2, 3)),
            S(d.away(2, 3), 1),
            S(d.away(2, 3), "fro"),
            S(d.away(2, 3), dim=1),
            S(d.away(3), 3),
        ],
        specials=lambda d: [S(np.zeros(3, d.dtype))],
    ),
    Row(
        "linalg.vector_norm",
        lambda d: [S(d.away(2, 3)), S(d.away(2, 3), 1, dim=0), S(d.away(2, 3), 3, dim=1, keepdim=True)],
        specials=lambda d: [S(np.zeros(3, d.dtype))],
        dtypes=COMPLEX,
    ),
    Row(
        "linalg.matrix_norm",
        lambda d: [
            S(d.away(2, 3)),
            S(d.away(2, 3), "nuc"),
            S(d.away(2, 3), 1),
            S(d.away(2, 3), float("inf")),
        ],
        loose=10,
    ),
    Row("cdist", lambda d: [S(d.real(3, 2), d.real(4, 2))], loose=10, twice=False),
]
