"""Attention with several heads, as a layer."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import functional as F
from . import init
from .linear import Linear
from .module import Module
from .parameter import Parameter

__all__ = ["MultiheadAttention"]


class NonDynamicallyQuantizableLinear(Linear):
    """`Linear` under the name that PyTorch's output projection has in a repr."""


class MultiheadAttention(Module):
    """``num_heads`` attentions side by side on projections of the inputs, joined by an output projection.

    ``kdim`` and ``vdim`` are the widths of key and value when they differ from ``embed_dim``; ``add_bias_kv``
    learns one more key and value, ``add_zero_attn`` adds a zero one. Raises ValueError for sizes below 1,
    AssertionError unless ``num_heads`` divides ``embed_dim``.

    >>> import upriver as up
    >>> attend = up.nn.MultiheadAttention(8, 2, batch_first=True)
    >>> x = up.ones(3, 5, 8)
    >>> output, weights = attend(x, x, x)
    >>> output.shape, weights.shape
    (torch.Size([3, 5, 8]), torch.Size([3, 5, 5]))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and "
                f"num_heads={num_heads} instead"
            )
        if embed_dim % num_heads:
            raise AssertionError(
                f"embed_dim must be divisible by num_heads: got {embed_dim} and {num_heads}."
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        for name, shape in self._shapes(bias, add_bias_kv).items():
            values = None if shape is None else Parameter(ops.empty(shape, device=device, dtype=dtype))
            self.register_parameter(name, values)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        self._reset_parameters()

    def _shapes(self, bias: bool, add_bias_kv: bool) -> dict[str, tuple[int, ...] | None]:
        """The shape of each parameter; None where this layer has none of that name."""
        width, same = self.embed_dim, self._qkv_same_embed_dim
        return {
            "q_proj_weight": None if same else (width, width),
            "k_proj_weight": None if same else (width, self.kdim),
            "v_proj_weight": None if same else (width, self.vdim),
            "in_proj_weight": (3 * width, width) if same else None,
            "in_proj_bias": (3 * width,) if bias else None,
            "bias_k": (1, 1, width) if add_bias_kv else None,
            "bias_v": (1, 1, width) if add_bias_kv else None,
        }

    def _reset_parameters(self) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.constant_(bias, 0.0)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(L, N, E), (S, N, kdim) and (S, N, vdim), or batch first, or without N, to (L, N, E) alike.

        Bool masks are True where a position must *not* be looked at, float ones are added: ``attn_mask`` (L,
        S) or (N * num_heads, L, S), ``key_padding_mask`` (N, S). The second result are the weights (N, L, S),
        with a dimension for heads after N unless averaged, or None; without them more of the work is saved.
        """
        turned = self.batch_first and query.dim() == 3
        if turned:
            query, key, value = _transposed(query, key, value)
        output, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias,
            self.bias_k, self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight,
            self.out_proj.bias, self.training, key_padding_mask, need_weights, attn_mask,
            not self._qkv_same_embed_dim, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight, None,
            None, average_attn_weights, is_causal,
        )  # fmt: skip
        return output.transpose(0, 1) if turned else output, weights


def _transposed(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Batch and time exchanged; what was one tensor stays one, so that it is projected in one product."""
    turned_key = key.transpose(0, 1)
    turned_query = turned_key if query is key else query.transpose(0, 1)
    return turned_query, turned_key, turned_key if value is key else value.transpose(0, 1)
