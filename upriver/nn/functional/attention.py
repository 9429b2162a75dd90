"""Scaled dot-product attention, and attention with several heads and projections."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

from ... import ops
from ...dtypes import bool_
from ...dtypes import dtype as DType
from ...tensor import Tensor
from .dropout import dropout

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """``softmax(query @ key.T * scale + mask) @ value``: (*, L, E), (*, S, E) and (*, S, V) make (*, L, V).

    A bool ``attn_mask`` (broadcast to (*, L, S)) says where to look, a float one is added; ``is_causal`` lets
    position i look at 0 to i. ``scale`` is ``1 / sqrt(E)`` by default. A query that may look nowhere gets 0.
    ``enable_gqa`` repeats the heads (dimension -3) of ``key`` and ``value`` to the number of ``query``.
    Raises RuntimeError for a mask of another dtype, or one beside ``is_causal``.

    >>> import upriver as up
    >>> q, kv = up.zeros(1, 2), up.tensor([[1.0, 0.0], [3.0, 0.0]])
    >>> up.nn.functional.scaled_dot_product_attention(q, kv, kv)
    tensor([[2., 0.]])
    """
    if enable_gqa:
        key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
        value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True"
            )
        attn_mask = ops.ones(query.size(-2), key.size(-2), dtype=bool_).tril()
    elif attn_mask is not None:
        _check_mask_dtype(attn_mask, query.dtype)
    bias, nowhere = (None, None) if attn_mask is None else _bias_of(attn_mask, query.dtype)
    weights = _weights(query, key, bias, scale)
    if dropout_p:
        weights = dropout(weights, dropout_p)
    output = weights @ value
    return output if nowhere is None or is_causal else ops.where(nowhere, 0.0, output)


def _check_mask_dtype(mask: Tensor, dtype: DType) -> None:
    if mask.dtype != bool_ and not mask.is_floating_point():
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: "
            f"{mask.dtype} and  query.dtype: {dtype} instead."
        )


def _bias_of(mask: Tensor, dtype: DType) -> tuple[Tensor, Tensor]:
    """What to add to the scores, and which queries may look nowhere: there nothing is added, for a finite
    softmax.
    """
    if mask.dtype == bool_:
        nowhere = ~mask.any(-1, keepdim=True)
        looks = mask | nowhere
        return ops.zeros(looks.shape, dtype=dtype).masked_fill(~looks, -math.inf), nowhere
    nowhere = (mask == -math.inf).all(-1, keepdim=True)
    return mask.to(dtype).masked_fill(nowhere, 0.0), nowhere


def _weights(query: Tensor, key: Tensor, bias: Tensor | None, scale: float | None = None) -> Tensor:
    """The softmax over keys (*, L, S). Scaling the query costs E numbers a position; scaling the scores,
    S.
    """
    scores = (query * (1 / math.sqrt(query.size(-1)) if scale is None else scale)) @ key.mT
    return ops.softmax(scores if bias is None else scores + bias, -1)


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int,
    in_proj_weight: Tensor | None, in_proj_bias: Tensor | None, bias_k: Tensor | None, bias_v: Tensor | None,
    add_zero_attn: bool, dropout_p: float, out_proj_weight: Tensor, out_proj_bias: Tensor | None,
    training: bool = True, key_padding_mask: Tensor | None = None, need_weights: bool = True,
    attn_mask: Tensor | None = None, use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None, k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None, static_k: Tensor | None = None, static_v: Tensor | None = None,
    average_attn_weights: bool = True, is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """Attention with ``num_heads`` heads over (L, N, E) or (L, E): the output, and the weights or None.

    Bool masks say where *not* to look, float ones are added: ``attn_mask`` (L, S) or (N * num_heads, L, S),
    ``key_padding_mask`` (N, S). Weights are (N, L, S), or (N, num_heads, L, S) when not averaged.
    `upriver.nn.MultiheadAttention` holds the parameters and is the usual way in.

    >>> import upriver as up
    >>> x, eye = up.tensor([[1.0], [3.0]]), up.ones(1, 1)
    >>> output, weights = up.nn.functional.multi_head_attention_forward(
    ...     x, x, x, 1, 1, up.tensor([[0.0], [0.0], [1.0]]), None, None, None, False, 0.0, eye, None
    ... )
    >>> output
    tensor([[2.],
            [2.]])
    """
    batched = _check_inputs(query, key, value, key_padding_mask, embed_dim_to_check, num_heads)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. Use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if use_separate_proj_weight:
        apart = [q_proj_weight, k_proj_weight, v_proj_weight]
        q, k, v = _project_apart([query, key, value], apart, in_proj_bias)
    else:
        q, k, v = _project_together(query, key, value, in_proj_weight, in_proj_bias)
    if not batched:
        q, k, v = q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    q = _heads(q, num_heads)
    k = _extend(
        _heads(k, num_heads) if static_k is None else _static(static_k, num_heads), bias_k, add_zero_attn
    )
    v = _extend(
        _heads(v, num_heads) if static_v is None else _static(static_v, num_heads), bias_v, add_zero_attn
    )
    extra = (bias_k is not None) + add_zero_attn
    bias = _joint_bias(attn_mask, key_padding_mask, q, k.size(-2) - extra, extra)
    output, weights = _attend(q, k, v, bias, dropout_p if training else 0.0, need_weights)
    output = output.permute(2, 0, 1, 3).flatten(2)
    output = ops.linear(output if batched else output.squeeze(1), out_proj_weight, out_proj_bias)
    if weights is None:
        return output, None
    weights = weights.mean(1) if average_attn_weights else weights
    return output, weights if batched else weights.squeeze(0)


def _check_inputs(
    query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Tensor | None, width: int, heads: int
) -> bool:
    """Whether the inputs have a batch dimension; raises AssertionError when they do not fit together."""
    dims = query.dim()
    if dims not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {dims}-D query tensor"
        )
    kind = "batched (3-D)" if dims == 3 else "unbatched (2-D)"
    if key.dim() != dims or value.dim() != dims:
        raise AssertionError(
            f"For {kind} `query`, expected `key` and `value` to be {dims}-D but found {key.dim()}-D and "
            f"{value.dim()}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.dim() != dims - 1:
        raise AssertionError(
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {dims - 1}-D but found "
            f"{key_padding_mask.dim()}-D tensor instead"
        )
    if query.size(-1) != width:
        raise AssertionError(f"was expecting embedding dimension of {width}, but got {query.size(-1)}")
    if width % heads:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {heads}")
    if key.shape[:-1] != value.shape[:-1]:
        raise AssertionError(
            f"key's sequence and batch dims {key.shape[:-1]} do not match value's {value.shape[:-1]}"
        )
    return dims == 3


def _project_together(
    query: Tensor, key: Tensor, value: Tensor, weight: Tensor | None, bias: Tensor | None
) -> tuple[Tensor, ...]:
    """The three projections, in one product where the inputs are one tensor."""
    if weight is None:
        raise AssertionError("use_separate_proj_weight is False but in_proj_weight is None")
    if key is not value:
        return _project_apart([query, key, value], weight.chunk(3), bias)
    if query is key:
        return tuple(ops.linear(query, weight, bias).chunk(3, -1))
    width = query.size(-1)
    for_query, for_both = weight.split([width, 2 * width])
    biases = [None] * 2 if bias is None else bias.split([width, 2 * width])
    both = ops.linear(key, for_both, biases[1])
    return ops.linear(query, for_query, biases[0]), *both.chunk(2, -1)


def _project_apart(
    inputs: list[Tensor], weights: Sequence[Tensor | None], bias: Tensor | None
) -> tuple[Tensor, ...]:
    """Each input by its own weight."""
    present = []
    for name, weight in zip("qkv", weights, strict=True):
        if weight is None:
            raise AssertionError(f"use_separate_proj_weight is True but {name}_proj_weight is None")
        present.append(weight)
    biases = [None] * 3 if bias is None else bias.chunk(3)
    return tuple(map(ops.linear, inputs, present, biases))


def _heads(projected: Tensor, heads: int) -> Tensor:
    """(L, N, E) as (N, heads, L, E / heads): a view."""
    length, batch, width = projected.shape
    return projected.reshape(length, batch, heads, width // heads).permute(1, 2, 0, 3)


def _static(given: Tensor, heads: int) -> Tensor:
    return given.reshape(given.size(0) // heads, heads, given.size(1), given.size(2))


def _extend(keys: Tensor, learned: Tensor | None, zeros: bool) -> Tensor:
    """``keys`` with the learned entry and the zero entry that a layer may add after them."""
    batch, heads, _, width = keys.shape
    if learned is not None:
        keys = ops.cat([keys, _heads(learned, heads).expand(batch, heads, 1, width)], 2)
    if zeros:
        keys = ops.cat([keys, ops.zeros(batch, heads, 1, width, dtype=keys.dtype)], 2)
    return keys


def _joint_bias(
    attn_mask: Tensor | None, key_padding_mask: Tensor | None, query: Tensor, source: int, extra: int
) -> Tensor | None:
    """Both masks as one addend to scores (N, heads, L, source + extra); None when there is none."""
    batch, heads, length, _ = query.shape
    biases = []
    if attn_mask is not None:
        biases.append(_shaped_mask(attn_mask, batch, heads, length, source))
    if key_padding_mask is not None:
        if tuple(key_padding_mask.shape) != (batch, source):
            raise AssertionError(
                f"expecting key_padding_mask shape of {(batch, source)}, but got {key_padding_mask.shape}"
            )
        biases.append(key_padding_mask.reshape(batch, 1, 1, source))
    if len(biases) == 2 and biases[0].dtype != biases[1].dtype:
        warnings.warn(
            "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both "
            "instead.",
            stacklevel=4,
        )
    if not biases:
        return None
    total = _additive("attn_mask" if attn_mask is not None else "key_padding_mask", biases[0], query.dtype)
    if len(biases) == 2:
        total = total + _additive("key_padding_mask", biases[1], query.dtype)
    return ops.pad(total, [0, extra]) if extra else total


def _shaped_mask(mask: Tensor, batch: int, heads: int, length: int, source: int) -> Tensor:
    if mask.dim() == 2:
        if tuple(mask.shape) != (length, source):
            raise RuntimeError(
                f"The shape of the 2D attn_mask is {mask.shape}, but should be {(length, source)}."
            )
        return mask.reshape(1, 1, length, source)
    if mask.dim() == 3:
        if tuple(mask.shape) != (batch * heads, length, source):
            raise RuntimeError(
                f"The shape of the 3D attn_mask is {mask.shape}, but should be "
                f"{(batch * heads, length, source)}."
            )
        return mask.reshape(batch, heads, length, source)
    raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported: give 2 or 3 dimensions.")


def _additive(name: str, mask: Tensor, dtype: DType) -> Tensor:
    if mask.dtype == bool_:
        return ops.zeros(mask.shape, dtype=dtype).masked_fill(mask, -math.inf)
    if not mask.is_floating_point():
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return mask


def _attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, dropout_p: float, need_weights: bool
) -> tuple[Tensor, Tensor | None]:
    if not need_weights:
        return scaled_dot_product_attention(query, key, value, bias, dropout_p), None
    weights = _weights(query, key, bias)
    if dropout_p:
        weights = dropout(weights, dropout_p)
    return weights @ value, weights
