"""Looking rows up: embeddings and one-hot vectors."""

from __future__ import annotations

from ... import ops
from ...autograd import no_grad
from ...dtypes import int64
from ...tensor import Tensor

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of ``weight`` (V, D) named by the integers of ``input`` (*): a tensor (*, D).

    ``padding_idx``'s row gets no gradient. Rows longer than ``max_norm`` are first shortened to it, in place.
    ``scale_grad_by_freq`` divides the gradient of a row by how often ``input`` names it.

    >>> import upriver as up
    >>> up.nn.functional.embedding(up.tensor([1, 0]), up.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    refuse_sparse(sparse)
    padding = wrap_padding(padding_idx, weight.size(0))
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    rows = ops.embedding(weight, input, padding)
    if scale_grad_by_freq and rows.requires_grad:
        counts = ops.bincount(input.reshape(-1), minlength=weight.size(0))
        share = (1 / counts[input].to(weight.dtype)).unsqueeze(-1)
        rows.register_hook(lambda gradient: gradient * share)
    return rows


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The ``'sum'``, ``'mean'`` or ``'max'`` of the rows of each bag: a tensor (bags, D).

    A 2-D ``input`` has a bag a row; a 1-D one is cut at ``offsets``, each the start of a bag. Rows equal to
    ``padding_idx`` are left out, and an empty bag is 0.

    >>> import upriver as up
    >>> up.nn.functional.embedding_bag(up.tensor([[0, 1]]), up.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[2., 3.]])
    """
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
            f"mode='sum' (got mode='{mode}'). Please open a feature request on GitHub."
        )
    bag, bags = _bags(input, offsets, include_last_offset)
    flat = input.reshape(-1)
    rows = embedding(flat, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.reshape(-1, 1)
    if padding_idx is not None:
        kept = ops.nonzero(flat != wrap_padding(padding_idx, weight.size(0))).reshape(-1)
        rows, bag = rows.index_select(0, kept), bag.index_select(0, kept)
    return _reduce_bags(rows, bag, bags, mode)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Integers (*) as vectors (*, num_classes) of int64 with a single 1; -1 counts the classes in ``tensor``.

    >>> import upriver as up
    >>> up.nn.functional.one_hot(up.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    if tensor.dtype != int64:
        raise RuntimeError("one_hot is only applicable to index tensor of type LongTensor.")
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return ops.zeros(*tensor.shape, num_classes, dtype=int64)
    if int(tensor.min()) < 0:
        raise RuntimeError("Class values must be non-negative.")
    largest = int(tensor.max())
    if num_classes == -1:
        num_classes = largest + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif largest >= num_classes:
        raise RuntimeError(f"Class values must be smaller than num_classes: got {largest} for {num_classes}.")
    zeros = ops.zeros(*tensor.shape, num_classes, dtype=int64)
    return zeros.scatter_(-1, tensor.unsqueeze(-1), 1)


def refuse_sparse(sparse: bool) -> None:
    """Raise NotImplementedError for ``sparse=True``."""
    if sparse:
        raise NotImplementedError(
            "Sparse gradients are not supported: leave sparse=False for a dense gradient."
        )


def wrap_padding(padding_idx: int | None, rows: int) -> int | None:
    """``padding_idx`` counted from 0; raises AssertionError when it names no row."""
    if padding_idx is None:
        return None
    if not -rows <= padding_idx < rows:
        raise AssertionError(
            f"Padding_idx must be within num_embeddings: got padding_idx={padding_idx} for {rows} rows."
        )
    return padding_idx % rows


def _shorten(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    with no_grad():
        used = ops.unique(input.reshape(-1))
        rows = weight[used]
        norms = ops.norm(rows, norm_type, 1, keepdim=True)
        weight[used] = ops.where(norms > max_norm, rows * (max_norm / (norms + 1e-7)), rows)


def _bags(input: Tensor, offsets: Tensor | None, include_last_offset: bool) -> tuple[Tensor, int]:
    """The bag number of each element of the flattened ``input``, and the number of bags."""
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed "
                f"length sequences. However, found offsets of type {type(offsets)}"
            )
        bags, length = input.shape
        return ops.arange(bags).unsqueeze(1).expand(bags, length).reshape(-1), bags
    if input.dim() != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if offsets.dim() != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    starts = offsets[:-1] if include_last_offset else offsets
    if starts.numel() and int(starts[0]) != 0:
        raise ValueError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position "
            f"0. However, got {int(starts[0])}"
        )
    positions = ops.arange(input.numel()).unsqueeze(1)
    return (positions >= starts).sum(1) - 1, starts.numel()


def _reduce_bags(rows: Tensor, bag: Tensor, bags: int, mode: str) -> Tensor:
    empty = ops.zeros(bags, rows.size(1), dtype=rows.dtype)
    if mode == "max":
        index = bag.unsqueeze(1).expand(rows.shape)
        return empty.scatter_reduce(0, index, rows, "amax", include_self=False)
    total = empty.index_add(0, bag, rows)
    if mode == "sum":
        return total
    counts = ops.clamp(ops.bincount(bag, minlength=bags), min=1)
    return total / counts.to(rows.dtype).unsqueeze(1)
