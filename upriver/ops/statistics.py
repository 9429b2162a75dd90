"""How variables vary together: rows are variables, columns are observations."""

from __future__ import annotations

from ..dtypes import get_default_dtype
from ..tensor import Tensor
from . import complex as complex_
from . import create, diagonals, reduce, shape
from .composite import clip

__all__ = ["corrcoef", "cov"]


def cov(
    input: Tensor, *, correction: int = 1, fweights: Tensor | None = None, aweights: Tensor | None = None
) -> Tensor:
    """The covariance matrix of the rows (of a vector: its variance).

    ``fweights`` says how often each observation counts, ``aweights`` how much; ``correction`` is subtracted
    from the number of observations. Raises RuntimeError for more than two dimensions or weights of another
    length.

    >>> import upriver as up
    >>> up.cov(up.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.dim() > 2:
        raise RuntimeError(f"cov(): expected input to have two or fewer dimensions but got an input with "
                           f"{input.dim()} dimensions")  # fmt: skip
    rows = input if input.dim() == 2 else input.reshape(1, -1)
    rows = rows if rows.is_floating_point() or rows.is_complex() else rows.to(get_default_dtype())
    weights = _weights(rows.shape[1], fweights, aweights)
    if weights is None:
        total: Tensor | int = rows.shape[1]
        centred = rows - reduce.mean(rows, 1, True)
        freedom: Tensor | int = total - correction
        weighted = centred
    else:
        total = reduce.sum(weights)
        centred = rows - reduce.sum(rows * weights, 1, True) / total
        share = reduce.sum(weights * aweights) / total if aweights is not None else 1
        freedom = total - correction * share
        weighted = centred * weights
    return shape.squeeze(weighted @ complex_.conj(shape.t(centred)) / clip(create.as_tensor(freedom), 0))


def _weights(count: int, fweights: Tensor | None, aweights: Tensor | None) -> Tensor | None:
    """How much each observation counts, by both kinds of weight."""
    for name, each in (("fweights", fweights), ("aweights", aweights)):
        if each is not None and tuple(each.shape) != (count,):
            raise RuntimeError(
                f"cov(): expected {name} to have the same numel as there are observations in the input but "
                f"got {each.numel()} != {count}"
            )
    if fweights is None or aweights is None:
        return aweights if fweights is None else fweights
    return fweights * aweights


def corrcoef(input: Tensor) -> Tensor:
    """The correlations of the rows, between -1 and 1.

    >>> import upriver as up
    >>> up.corrcoef(up.tensor([[0.0, 1.0, 2.0], [4.0, 2.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if input.dim() > 2:
        raise RuntimeError(f"corrcoef(): expected input to have two or fewer dimensions but got an input "
                           f"with {input.dim()} dimensions")  # fmt: skip
    matrix = cov(input)
    if matrix.dim() == 0:
        return matrix / matrix
    deviations = complex_.real(diagonals.diag(matrix)) ** 0.5
    found = matrix / deviations[:, None] / deviations[None, :]
    return found if found.is_complex() else clip(found, -1, 1)
