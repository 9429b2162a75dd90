"""Linear algebra under the names of ``torch.linalg``: stacks of matrices in the last two dimensions.

Singular and indefinite matrices raise :class:`LinAlgError`, which is a RuntimeError.
"""

from __future__ import annotations

from ..contraction import matmul as matmul
from .checks import LinAlgError as LinAlgError
from .decompose import eig as eig
from .decompose import eigh as eigh
from .decompose import eigvals as eigvals
from .decompose import eigvalsh as eigvalsh
from .decompose import qr as qr
from .decompose import svd as svd
from .decompose import svdvals as svdvals
from .determinants import det as det
from .determinants import slogdet as slogdet
from .least_squares import lstsq as lstsq
from .least_squares import matrix_rank as matrix_rank
from .least_squares import pinv as pinv
from .norms import cond as cond
from .norms import matrix_norm as matrix_norm
from .norms import norm as norm
from .norms import vector_norm as vector_norm
from .powers import cross as cross
from .powers import matrix_exp as matrix_exp
from .powers import matrix_power as matrix_power
from .powers import multi_dot as multi_dot
from .powers import vander as vander
from .powers import vecdot as vecdot
from .solving import cholesky as cholesky
from .solving import inv as inv
from .solving import solve as solve
from .solving import solve_triangular as solve_triangular
from .solving import tensorinv as tensorinv
from .solving import tensorsolve as tensorsolve

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv",
    "lstsq", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm",
    "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensorinv", "tensorsolve",
    "vander", "vecdot", "vector_norm",
]  # fmt: skip
