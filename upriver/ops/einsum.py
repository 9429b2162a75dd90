"""Sums of products in index notation.

An equation becomes diagonals and sums of single operands, and contractions of pairs. A contraction of two
operands is one operator, a batched matrix product of permuted operands, whose derivatives are contractions
again.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd.namespaces import ON_TENSORS as F
from ..kernels.matmul import matmul as product
from ..tensor import Tensor
from .namespace import Namespace
from .registry import Kind, op

__all__ = ["einsum"]

Array = np.ndarray[Any, Any]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Labels = tuple[int, ...]  # one number for each dimension


@op(Kind.CONTRACTION, node="BmmBackward0", shown="einsum",
    input=lambda F, g, other, left, right, made: F.contract(g, other, made, right, left),
    other=lambda F, g, input, left, right, made: F.contract(input, g, left, made, right))  # fmt: skip
def contract(xp: Namespace, input: Array, other: Array, left: Labels, right: Labels, made: Labels) -> Array:
    """The sum over labels that are not in ``made`` of the products of two arrays with dimensions ``left`` and
    ``right``.

    No label stands twice in one operand, and each is in at least two of the three.
    """
    shared = [each for each in left if each in right]
    batch, summed = [each for each in shared if each in made], [each for each in shared if each not in made]
    rows, columns = [each for each in left if each not in right], [each for each in right if each not in left]
    sizes = {**dict(zip(left, input.shape, strict=True)), **dict(zip(right, other.shape, strict=True))}
    lengths = [tuple(sizes[each] for each in group) for group in (batch, rows, summed, columns)]
    count = [math.prod(each) for each in lengths]
    a = input.transpose([left.index(each) for each in (*batch, *rows, *summed)])
    b = other.transpose([right.index(each) for each in (*batch, *summed, *columns)])
    if summed:
        found = product(
            a.reshape(*lengths[0], count[1], count[2]), b.reshape(*lengths[0], count[2], count[3])
        )
    else:
        found = a.reshape(*lengths[0], count[1], 1) * b.reshape(*lengths[0], 1, count[3])
    order = [*batch, *rows, *columns]
    return found.reshape((*lengths[0], *lengths[1], *lengths[3])).transpose(
        [order.index(each) for each in made]
    )


def einsum(equation: Any, *operands: Any) -> Tensor:
    """The sum of products that ``equation`` says: one letter for each dimension, ``->`` and those of the
    result.

    Letters that are not in the result are summed over; without ``->`` the result has those that stand once,
    in alphabetical order. A letter twice in one operand is its diagonal; ``...`` stands for any dimensions,
    which are broadcast. Operands may also be given with lists of numbers: ``einsum(a, [0, 1], b, [1, 2], [0,
    2])``. Raises RuntimeError when the equation and the operands do not fit.

    >>> import upriver as up
    >>> up.einsum("ij,jk->ik", up.ones(2, 3), up.ones(3, 4)).shape
    torch.Size([2, 4])
    """
    if not isinstance(equation, str):
        equation, operands = _from_lists((equation, *operands))
    if len(operands) == 1 and not isinstance(operands[0], Tensor):
        operands = tuple(operands[0])
    if not operands:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand "
            "and its subscripts list"
        )
    inputs, output = _parsed(equation, tuple(each._array.ndim for each in operands))
    _check_sizes(inputs, operands)
    terms = [_without_repeats(t, labels) for t, labels in zip(operands, inputs, strict=True)]
    terms = _without_broadcasting(terms)
    while len(terms) > 1:
        i, j = _cheapest(terms, output)
        second, first = terms.pop(j), terms.pop(i)
        terms.append(
            _contracted(first, second, {each for _, labels in terms for each in labels} | set(output), output)
        )
    found = _arranged(*terms[0], output)
    return F.permute_(found, tuple(range(len(output)))) if found is operands[0] else found


def _from_lists(given: tuple[Any, ...]) -> tuple[str, tuple[Tensor, ...]]:
    """The equation for operands given with lists of numbers (or ``...``)."""
    letters = LETTERS

    def text(numbers: Sequence[Any]) -> str:
        for each in numbers:
            if each is not Ellipsis and not 0 <= each < 52:
                raise ValueError(f"einsum(): expected subscripts to be in range [0, 52), but got {each}")
        return "".join("..." if each is Ellipsis else letters[each] for each in numbers)

    pairs = len(given) // 2
    equation = ",".join(text(given[2 * index + 1]) for index in range(pairs))
    return equation + (f"->{text(given[-1])}" if len(given) % 2 else ""), given[: 2 * pairs : 2]


# -- the equation --------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _parsed(equation: str, ndims: tuple[int, ...]) -> tuple[tuple[Labels, ...], Labels]:
    """The labels of each operand and of the result; dimensions of the ellipsis have negative ones, counted
    from the last.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    texts = left.split(",")
    if len(texts) != len(ndims):
        more, fewer = ("more", "specified") if len(texts) < len(ndims) else ("fewer", "specified")
        raise RuntimeError(f"einsum(): {more} operands were provided than {fewer} in the equation")
    numbered = enumerate(zip(texts, ndims, strict=True))
    inputs = tuple(_labels(text, ndim, index) for index, (text, ndim) in numbered)
    used = [each for labels in inputs for each in labels]
    dots = tuple(sorted({each for each in used if each < 0}))
    if not arrow:
        return inputs, dots + tuple(sorted(each for each in set(used) if each >= 0 and used.count(each) == 1))
    head, ellipsis, tail = right.partition("...")
    output = (*map(ord, head), *(dots if ellipsis else ()), *map(ord, tail))
    for each in output:
        if each >= 0 and each not in used:
            raise RuntimeError(
                f"einsum(): output subscript {chr(each)} does not appear in the equation for any input "
                "operand"
            )
        if output.count(each) > 1:
            raise RuntimeError(f"einsum(): output subscript {chr(each)} appears more than once in the output")
    return inputs, output


def _labels(text: str, ndim: int, index: int) -> Labels:
    """The labels of one operand."""
    head, ellipsis, tail = text.partition("...")
    for position, letter in enumerate(head + tail):
        if letter == ".":
            raise RuntimeError(f"einsum(): found '.' for operand {index} that is not part of any ellipsis")
        if letter not in LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {position} in the equation string, subscripts "
                "must be in [a-zA-Z]"
            )
    named = len(head) + len(tail)
    if named > ndim or (named < ndim and not ellipsis):
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({named}) "
            f"{'is more than' if ellipsis else 'does not match'} the "
            f"number of dimensions ({ndim}) for operand "
            f"{index}{'' if ellipsis else ' and no ellipsis was given'}"
        )
    return (*map(ord, head), *range(named - ndim, 0), *map(ord, tail))


def _check_sizes(inputs: Sequence[Labels], operands: Sequence[Tensor]) -> None:
    """Raise RuntimeError where a label has two lengths, neither of which is 1."""
    seen: dict[int, int] = {}
    for index, (labels, t) in enumerate(zip(inputs, operands, strict=True)):
        own: dict[int, int] = {}
        for label, length in zip(labels, t._array.shape, strict=True):
            if own.setdefault(label, length) != length:
                raise RuntimeError(
                    f"einsum(): subscript {chr(label)} is repeated for operand {index} but the sizes don't "
                    "match, "
                    f"{length} != {own[label]}"
                )
            known = seen.get(label, 1)
            if 1 not in (known, length) and known != length:
                name = chr(label) if label >= 0 else "..."
                raise RuntimeError(
                    f"einsum(): subscript {name} has size {length} for operand {index} which does not "
                    "broadcast with "
                    f"previously seen size {known}"
                )
            seen[label] = max(known, length) if 0 not in (known, length) else 0


# -- the operands --------------------------------------------------------------------------------------------

Term = tuple[Tensor, Labels]


def _without_repeats(t: Tensor, labels: Labels) -> Term:
    """A label that stands twice becomes the diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            first = labels.index(label)
            second = labels.index(label, first + 1)
            t = F.diagonal_(t, 0, first, second)
            labels = (*(each for index, each in enumerate(labels) if index not in (first, second)), label)
    return t, labels


def _without_broadcasting(terms: list[Term]) -> list[Term]:
    """Dimensions of length 1 that another operand has longer are dropped."""
    longest: dict[int, int] = {}
    for t, labels in terms:
        for label, length in zip(labels, t._array.shape, strict=True):
            longest[label] = length if longest.get(label, 1) == 1 else longest[label]
    made = []
    for t, labels in terms:
        drop = tuple(i for i, length in enumerate(t._array.shape) if length == 1 != longest[labels[i]])
        if drop:
            t, labels = F.squeeze_(t, drop), tuple(each for i, each in enumerate(labels) if i not in drop)
        made.append((t, labels))
    return made


def _cheapest(terms: list[Term], output: Labels) -> tuple[int, int]:
    """Which two to contract next: those whose product is smallest."""
    if len(terms) == 2:
        return 0, 1
    sizes = {
        label: length for t, labels in terms for label, length in zip(labels, t._array.shape, strict=True)
    }
    pairs = [(i, j) for j in range(len(terms)) for i in range(j)]

    def size(pair: tuple[int, int]) -> int:
        rest = {
            each for index, (_, labels) in enumerate(terms) if index not in pair for each in labels
        } | set(output)
        return math.prod(sizes[each] for each in {*terms[pair[0]][1], *terms[pair[1]][1]} & rest)

    return min(pairs, key=size)


def _contracted(first: Term, second: Term, wanted: set[int], output: Labels) -> Term:
    """The product of two operands, summed over what nobody else wants."""
    a, left = _summed(*first, wanted | set(second[1]))
    b, right = _summed(*second, wanted | set(left))
    made = [each for each in (*left, *(each for each in right if each not in left)) if each in wanted]
    if set(made) == set(output):
        made = list(output)
    return F.contract(a, b, left, right, tuple(made)), tuple(made)


def _summed(t: Tensor, labels: Labels, wanted: set[int]) -> Term:
    """One operand summed over labels that nobody wants."""
    drop = tuple(index for index, each in enumerate(labels) if each not in wanted)
    if not drop:
        return t, labels
    return F.sum_over(t, drop, False), tuple(each for each in labels if each in wanted)


def _arranged(t: Tensor, labels: Labels, output: Labels) -> Tensor:
    """The last operand with the dimensions of the result."""
    t, labels = _summed(t, labels, set(output))
    return t if labels == output else F.permute_(t, tuple(labels.index(each) for each in output))
