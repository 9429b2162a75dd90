"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ... import ops
from ...tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """One 1-d tensor of all elements in order; gradients flow through it.

    >>> import upriver as up
    >>> up.nn.utils.parameters_to_vector([up.zeros(1, 2), up.ones(1)])
    tensor([0., 0., 1.])
    """
    return ops.cat([parameter.reshape(-1) for parameter in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Let each parameter look at its part of ``vec``, whose memory they share afterwards.

    Raises TypeError if ``vec`` is no Tensor, ValueError if its length is not that of all parameters.

    >>> import upriver as up
    >>> w = up.zeros(1, 2)
    >>> up.nn.utils.vector_to_parameters(up.tensor([1.0, 2.0]), [w])
    >>> w.tolist()
    [[1.0, 2.0]]
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    listed = list(parameters)
    wanted = sum(parameter.numel() for parameter in listed)
    if vec.numel() != wanted:
        raise ValueError(f"vec has {vec.numel()} elements, but the parameters have {wanted}")
    start = 0
    for parameter in listed:
        stop = start + parameter.numel()
        parameter.data = vec[start:stop].reshape(parameter.shape).data
        start = stop
