"""Normalisation by the statistics of a batch or of a sample, with running statistics for use outside
training.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from .. import ops
from ..autograd import no_grad
from ..dtypes import dtype as DType
from ..dtypes import int64
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]


class _RunningNorm(Module):
    """Scale, shift and running statistics for each channel."""

    _version = 2

    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: DType | None,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name, wanted in (("weight", affine), ("bias", affine and bias)):
            values = Parameter(ops.empty(num_features, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, values)
        for name in ("running_mean", "running_var"):
            running = ops.empty(num_features, device=device, dtype=dtype) if track_running_stats else None
            self.register_buffer(name, running)
        self.register_buffer(
            "num_batches_tracked", ops.tensor(0, dtype=int64) if track_running_stats else None
        )
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1 and the count of batches to 0."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Reset the running statistics, set the weight to 1 and the bias to 0."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def extra_repr(self) -> str:
        """The size and the options."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, local_metadata: Mapping[str, Any], *rest: Any
    ) -> None:
        # State dicts older than version 2, and those of other libraries, have no count of batches.
        version = local_metadata.get("version")
        key = prefix + "num_batches_tracked"
        if (
            (version is None or version < 2)
            and self.num_batches_tracked is not None
            and key not in state_dict
        ):
            state_dict[key] = self.num_batches_tracked
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


class _BatchNorm(_RunningNorm):
    dims: ClassVar[tuple[int, ...]]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape (N, C, *); raises ValueError for another number of dimensions."""
        if input.dim() not in self.dims:
            expected = " or ".join(f"{dim}D" for dim in self.dims)
            raise ValueError(f"expected {expected} input (got {input.dim()}D input)")
        batch_statistics = self.training or self.running_mean is None
        update = self.training and self.track_running_stats
        keeps = update or not self.training
        return F.batch_norm(
            input,
            self.running_mean if keeps else None,
            self.running_var if keeps else None,
            self.weight,
            self.bias,
            batch_statistics,
            self._count_batch() if update else self.momentum or 0.0,
            self.eps,
        )

    def _count_batch(self) -> float:
        """Count this batch; the share it has in the running statistics (``momentum=None``: an equal one)."""
        if self.num_batches_tracked is not None:
            with no_grad():
                self.num_batches_tracked.add_(1)
            if self.momentum is None:
                return 1.0 / float(self.num_batches_tracked)
        return self.momentum or 0.0


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L).

    >>> import upriver as up
    >>> up.nn.BatchNorm1d(3)(up.rand(4, 3)).shape
    torch.Size([4, 3])
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (N, C, H, W).

    >>> import upriver as up
    >>> up.nn.BatchNorm2d(3)
    BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W).

    >>> import upriver as up
    >>> up.nn.BatchNorm3d(2)(up.rand(2, 2, 2, 2, 2)).shape
    torch.Size([2, 2, 2, 2, 2])
    """

    dims = (5,)


class _InstanceNorm(_RunningNorm):
    spatial: ClassVar[int]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: DType | None = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """A tensor of the same shape, (N, C, *) or (C, *); raises ValueError for another one."""
        single, batch = self.spatial + 1, self.spatial + 2
        if input.dim() not in (single, batch):
            raise ValueError(f"expected {single}D or {batch}D input (got {input.dim()}D input)")
        self._check_channels(input, 0 if input.dim() == single else 1)
        output = F.instance_norm(
            input.unsqueeze(0) if input.dim() == single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum or 0.0,
            self.eps,
        )
        return output.squeeze(0) if input.dim() == single else output

    def _check_channels(self, input: Tensor, dim: int) -> None:
        if input.size(dim) == self.num_features:
            return
        if self.affine:
            raise ValueError(
                f"expected input's size at dim={dim} to match num_features ({self.num_features}), but got: "
                f"{input.size(dim)}."
            )
        warnings.warn(
            f"input's size at dim={dim} does not match num_features. You can silence this warning by not "
            "passing in "
            "num_features, which is not used because affine=False",
            stacklevel=3,
        )


class InstanceNorm1d(_InstanceNorm):
    """Normalisation over the positions of each channel of (N, C, L) or (C, L).

    >>> import upriver as up
    >>> up.nn.InstanceNorm1d(2)(up.rand(3, 2, 4)).shape
    torch.Size([3, 2, 4])
    """

    spatial = 1


class InstanceNorm2d(_InstanceNorm):
    """Normalisation over the positions of each channel of (N, C, H, W) or (C, H, W).

    >>> import upriver as up
    >>> up.nn.InstanceNorm2d(2)(up.rand(2, 3, 3)).shape
    torch.Size([2, 3, 3])
    """

    spatial = 2


class InstanceNorm3d(_InstanceNorm):
    """Normalisation over the positions of each channel of (N, C, D, H, W) or (C, D, H, W).

    >>> import upriver as up
    >>> up.nn.InstanceNorm3d(2)(up.rand(1, 2, 2, 2, 2)).shape
    torch.Size([1, 2, 2, 2, 2])
    """

    spatial = 3
