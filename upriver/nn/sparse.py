"""Layers that look rows up."""

from __future__ import annotations

from typing import Any, Self

from .. import ops
from ..autograd import no_grad
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .functional.sparse import refuse_sparse, wrap_padding
from .module import Module
from .parameter import Parameter

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """A table of rows (num_embeddings, embedding_dim), and how its gradient is made."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: Tensor | None,
        freeze: bool,
        device: Any,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        refuse_sparse(sparse)
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = wrap_padding(padding_idx, num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        if weight is None:
            empty = ops.empty(num_embeddings, embedding_dim, device=device, dtype=dtype)
            self.weight = Parameter(empty, requires_grad=not freeze)
            self.reset_parameters()
        else:
            if tuple(weight.shape) != (num_embeddings, embedding_dim):
                raise AssertionError(
                    "Shape of weight does not match num_embeddings and embedding_dim: got "
                    f"{tuple(weight.shape)} for ({num_embeddings}, {embedding_dim})."
                )
            self.weight = Parameter(weight, requires_grad=not freeze)

    def reset_parameters(self) -> None:
        """Draw the rows normally; the padding row is 0."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx].fill_(0)


class Embedding(_Table):
    """A table of ``num_embeddings`` rows of ``embedding_dim``: integers (*) to (*, embedding_dim).

    The row ``padding_idx`` starts as 0 and gets no gradient. Rows longer than ``max_norm`` are shortened in
    place when looked up. ``sparse=True`` is not supported.

    >>> import upriver as up
    >>> up.nn.Embedding(10, 3, padding_idx=0)(up.tensor([[1, 2], [4, 0]]))[1, 1]
    tensor([0., 0., 0.], grad_fn=<SelectBackward0>)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight, _freeze, device, dtype,
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        """Integers (*) to (*, embedding_dim)."""
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        words = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            words += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            words += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            words += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            words += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        return words

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """A layer whose table is ``embeddings`` (V, D), not trained unless ``freeze=False``.

        >>> import upriver as up
        >>> up.nn.Embedding.from_pretrained(up.eye(2))(up.tensor([1]))
        tensor([[0., 1.]])
        """
        rows, width = _matrix_shape(embeddings)
        return cls(
            rows,
            width,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            embeddings,
            freeze,
        )


class EmbeddingBag(_Table):
    """The sum, mean or max of the rows that each bag of integers names, without a tensor of all rows in the
    interface.

    >>> import upriver as up
    >>> up.nn.EmbeddingBag(10, 3)(up.tensor([1, 2, 4, 5]), up.tensor([0, 3])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse,
            _weight, False, device, dtype,
        )  # fmt: skip
        self.mode = mode
        self.include_last_offset = include_last_offset

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """Integers (B, L), or (L) with the start of each bag in ``offsets``, to (B, embedding_dim)."""
        return F.embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode,
            self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        words = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.max_norm is not None:
            words += f", max_norm={self.max_norm}"
        if self.norm_type != 2:
            words += f", norm_type={self.norm_type}"
        if self.scale_grad_by_freq:
            words += f", scale_grad_by_freq={self.scale_grad_by_freq}"
        words += f", mode={self.mode!r}"
        return words if self.padding_idx is None else f"{words}, padding_idx={self.padding_idx}"

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """A layer whose table is ``embeddings`` (V, D), not trained unless ``freeze=False``."""
        rows, width = _matrix_shape(embeddings)
        bag = cls(
            rows, width, max_norm, norm_type, scale_grad_by_freq, mode, sparse, embeddings,
            include_last_offset, padding_idx,
        )  # fmt: skip
        bag.weight.requires_grad_(not freeze)
        return bag


def _matrix_shape(embeddings: Tensor) -> tuple[int, int]:
    if embeddings.dim() != 2:
        raise AssertionError(
            f"Embeddings parameter is expected to be 2-dimensional, but has shape {tuple(embeddings.shape)}."
        )
    rows, width = embeddings.shape
    return rows, width
