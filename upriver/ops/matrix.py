"""Linear algebra under the names that PyTorch has for it outside ``torch.linalg``."""

from __future__ import annotations

from .linalg.decompose import legacy_qr as qr
from .linalg.decompose import legacy_svd as svd
from .linalg.determinants import det as det
from .linalg.determinants import logdet as logdet
from .linalg.determinants import slogdet as slogdet
from .linalg.least_squares import pinv as pinverse
from .linalg.norms import legacy_norm as norm
from .linalg.norms import renorm as renorm
from .linalg.powers import legacy_cross as cross
from .linalg.powers import matrix_exp as matrix_exp
from .linalg.powers import matrix_power as matrix_power
from .linalg.solving import cholesky as cholesky
from .linalg.solving import cholesky_inverse as cholesky_inverse
from .linalg.solving import cholesky_solve as cholesky_solve
from .linalg.solving import inv as inverse

__all__ = [
    "cholesky", "cholesky_inverse", "cholesky_solve", "cross", "det", "inverse", "logdet", "matrix_exp",
    "matrix_power", "norm", "pinverse", "qr", "renorm", "slogdet", "svd",
]  # fmt: skip
