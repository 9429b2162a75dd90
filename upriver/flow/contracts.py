"""Contracts: which parameters a loss must reach and which it must not, checked where the program runs.

:func:`expect` checks losses while the program runs, :func:`matrix` shows all losses beside all groups of
parameters. Both work on tensors of upriver and of PyTorch.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..autograd.modes import state
from ..errors import explain, user_frame
from ..tensor import Tensor
from .agreed import Contract as Contract
from .agreed import Contracts as Contracts
from .changes import diff as diff
from .reach import Named, Reach, Scope, is_tensor

__all__ = ["Contract", "ContractError", "Contracts", "Expectation", "Matrix", "diff", "expect", "matrix"]

SHOWN = 5


class ContractError(AssertionError):
    """A gradient does not reach what it must, or reaches what it must not."""


def expect(loss: Any, reaches: Any = (), blocks: Any = ()) -> Expectation:
    """Demand that gradients of ``loss`` reach all of ``reaches`` and none of ``blocks``.

    ``loss``: a tensor, or a list or dict of them, each of which must keep the contract. ``reaches`` and
    ``blocks``: tensors, modules (all their parameters), globs over the names of parameters of modules that
    the calling function sees, or lists of them. Of upriver and of PyTorch alike.

    The graph is checked at once, before any backward. Used as a context manager it is checked again by what
    arrives: when the block ends, a backward of each loss must have run in it and brought gradients to all of
    ``reaches`` and to none of ``blocks``; those of other losses in the block do not count.

    Raises ContractError (an AssertionError) naming each tensor at fault; ValueError for a contract that says
    nothing or contradicts itself; TypeError for what is neither tensor, module nor glob.

    >>> import upriver as up
    >>> from upriver.flow.contracts import expect
    >>> encoder, head = up.nn.Linear(2, 2), up.nn.Linear(2, 1)
    >>> loss = head(encoder(up.ones(1, 2)).detach()).sum()
    >>> with expect(loss, reaches=[head], blocks=["encoder.*"]):
    ...     loss.backward()
    >>> expect(loss, reaches=encoder)
    Traceback (most recent call last):
    upriver.flow.contracts.ContractError: `loss` does not keep its contract.
      must reach encoder.weight, encoder.bias: no path of the graph leads there.
    """
    __tracebackhide__ = True  # pytest then points at the contract
    scope = Scope(user_frame(sys._getframe(1)))
    return Expectation(_losses(loss, scope, "loss"), scope, reaches, blocks)


class Expectation:
    """A contract that holds of the graph; see :func:`expect`. As a context manager, of the gradients too."""

    def __init__(self, losses: Mapping[str, Any], scope: Scope, reaches: Any, blocks: Any) -> None:
        __tracebackhide__ = True
        self.losses = dict(losses)
        self.reaches = scope.resolve(reaches, "reaches")
        self.blocks = scope.resolve(blocks, "blocks")
        wanted = {id(t) for _, t in self.reaches}
        both = [name for name, t in self.blocks if id(t) in wanted]
        if both:
            raise ValueError(f"{_shown(both)} stands in `reaches` and in `blocks`: leave it in one of them")
        if not self.reaches and not self.blocks:
            raise ValueError(
                "this contract says nothing: give tensors, modules or globs as `reaches` or `blocks`"
            )
        self._watches: list[_Watch] = []
        for name, loss in self.losses.items():
            lines = _structural(loss, self.reaches, self.blocks, scope)
            if lines:
                raise ContractError(explain(f"`{name}` does not keep its contract.", *lines))

    def __enter__(self) -> Expectation:
        self._watches = [
            _Watch(name, loss, [*self.reaches, *self.blocks]) for name, loss in self.losses.items()
        ]
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        __tracebackhide__ = True
        watches, self._watches = self._watches, []
        for watch in watches:
            watch.remove()
        if kind is not None:
            return
        for watch in watches:
            lines = watch.faults(self.reaches, self.blocks)
            if lines:
                raise ContractError(explain(f"`{watch.name}` did not keep its contract.", *lines))


def _losses(given: Any, scope: Scope, where: str) -> dict[str, Any]:
    """The losses by name."""
    if is_tensor(given):
        return {scope.name(given, where): given}
    if isinstance(given, Mapping):
        named = {str(name): loss for name, loss in given.items()}
    elif isinstance(given, Iterable) and not isinstance(given, str):
        named = {scope.name(loss, f"{where}[{index}]"): loss for index, loss in enumerate(given)}
    else:
        named = {"": given}
    for name, loss in named.items():
        if not is_tensor(loss):
            raise TypeError(
                f"{where} takes a tensor, or a list or dict of tensors, but {name or 'it'} is of type "
                f"{type(loss).__name__}"
            )
    if not named:
        raise ValueError(f"{where} is empty: there is nothing to check")
    return named


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


# -- by the graph --------------------------------------------------------------------------------------------


def _structural(loss: Any, reaches: list[Named], blocks: list[Named], scope: Scope) -> list[str]:
    """What the graph says against a contract: lines of an error, none where it is kept."""
    reach = Reach(loss)
    missed = [(name, t) for name, t in reaches if not reach.has(t)]
    frozen = [name for name, t in missed if not t.requires_grad and t.grad_fn is None]
    unreached = [name for name, _ in missed if name not in frozen]
    leaked = [(name, t) for name, t in blocks if reach.has(t)]
    lines = []
    if frozen:
        lines.append(f"must reach {_shown(frozen)}: requires_grad is False.")
    if unreached:
        lines.append(f"must reach {_shown(unreached)}: no path of the graph leads there.")
        lines += _cuts(loss, reach, scope)
    if leaked:
        lines.append(
            f"must not reach {_shown([name for name, _ in leaked])}, but does{_way(reach, leaked[0])}"
        )
        lines.append("mend it: detach() a value on that way, or compute it under no_grad().")
    return lines


def _way(reach: Reach, leaf: Named) -> str:
    """The statements between the loss and a leaf, where the graph knows them."""
    nodes = [node for node in reach.path(leaf[1]) if type(node).__name__ != "AccumulateGrad"]
    places = [str(node.where) if hasattr(node, "where") else node.name() for node in nodes]
    places = list(dict.fromkeys(places))
    if len(places) > SHOWN:
        places = [*places[:2], f"... {len(places) - 4} more", *places[-2:]]
    return f"; {leaf[0]} through {' <- '.join(places)}." if places else "."


def _cuts(loss: Any, reach: Reach, scope: Scope) -> list[str]:
    """The statements that may be to blame, as far as tensors that are alive remember them."""
    found = [f"cut: sever() at {node.where}." for node in reach.ends()]
    if isinstance(loss, Tensor):
        found += [f"cut: {cut}." for cut in loss._origin or ()]
    for name, value in scope.tensors():
        if isinstance(value, Tensor) and value is not loss:
            found += [f"`{name}` has no history: {cut}." for cut in value._origin or ()]
    if not found:
        advice = "look for detach(), no_grad() and .item() on the way; `upriver explain` names the line."
        return [f"mend it: {advice}"]
    return [*list(dict.fromkeys(found))[:SHOWN], "mend it: drop the cut that lies on the way to it."]


# -- by the gradients ----------------------------------------------------------------------------------------


class _Watch:
    """Hooks on a loss and on leaves: in which passes of the loss a gradient came to which leaf."""

    def __init__(self, name: str, loss: Any, leaves: list[Named]) -> None:
        self.name = name
        self.started = False
        self.arrived: set[int] = set()
        self._pass: Any = None
        self._idle = not loss.requires_grad  # then no backward can start from it
        self._handles = [] if self._idle else [loss.register_hook(lambda g: self._start(loss))]
        if not self._idle:
            self._handles += [t.register_hook(self._arrival(t)) for _, t in leaves if t.requires_grad]

    def _start(self, loss: Any) -> None:
        self.started, self._pass = True, _passes(loss)[-1:]

    def _arrival(self, t: Any) -> Any:
        def arrived(gradient: Any) -> None:
            came = gradient is not None  # PyTorch calls hooks without one too
            if came and self._pass and self._pass[0] in _passes(t):
                self.arrived.add(id(t))

        return arrived

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def faults(self, reaches: list[Named], blocks: list[Named]) -> list[str]:
        """What the gradients say against the contract."""
        if not self.started and not self._idle:
            return [
                "no backward of it ran inside the block, so nothing could arrive.",
                "mend it: call backward() inside the `with` block, or call expect() without `with` to check "
                "the graph alone.",
            ]
        missing = [name for name, t in reaches if id(t) not in self.arrived]
        leaked = [name for name, t in blocks if id(t) in self.arrived]
        lines = []
        if missing:
            lines.append(f"must reach {_shown(missing)}: no gradient arrived, though the graph leads there.")
        if leaked:
            lines.append(f"must not reach {_shown(leaked)}: a gradient arrived.")
        return lines


def _passes(t: Any) -> list[Any]:
    """What tells the backward passes that are running apart, innermost last."""
    if isinstance(t, Tensor):
        return [weakref.ref(each) for each in state.passes]
    torch: Any = sys.modules.get("torch")
    return [torch._C._current_graph_task_id()] if torch is not None else [None]


# -- all losses, all groups ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Matrix:
    """How many tensors of each group each loss reaches: ``cells[loss][group] == (reached, all)``."""

    cells: dict[str, dict[str, tuple[int, int]]]

    def to_dict(self) -> dict[str, dict[str, list[int]]]:
        """The cells as JSON can hold them."""
        return {loss: {group: list(cell) for group, cell in row.items()} for loss, row in self.cells.items()}

    @classmethod
    def from_dict(cls, given: Mapping[str, Mapping[str, Iterable[int]]]) -> Matrix:
        """The matrix that :meth:`to_dict` was made from."""
        pairs = {loss: {group: tuple(cell) for group, cell in row.items()} for loss, row in given.items()}
        return cls(pairs)  # type: ignore[arg-type]

    def __str__(self) -> str:
        groups = list(dict.fromkeys(group for row in self.cells.values() for group in row))
        table = [["", *groups]]
        for loss, row in self.cells.items():
            table.append([loss, *("{}/{}".format(*row[group]) if group in row else "" for group in groups)])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in table
        ]
        return "\n".join(line.rstrip() for line in lines)


def matrix(losses: Mapping[str, Any], groups: Mapping[str, Any]) -> Matrix:
    """Which losses reach which groups of parameters: the contract of a whole training step at a glance.

    ``losses``: tensors by name. ``groups``: by name, what :func:`expect` takes as ``reaches``. Two matrices
    are compared with ``==``. Raises TypeError and ValueError as :func:`expect`.

    >>> import upriver as up
    >>> from upriver.flow.contracts import matrix
    >>> actor, critic = up.nn.Linear(2, 2), up.nn.Linear(2, 1)
    >>> action = actor(up.ones(1, 2))
    >>> losses = {"policy": critic(action).sum(), "value": critic(action.detach()).sum()}
    >>> print(matrix(losses, {"actor": actor, "critic": critic}))
            actor  critic
    policy  2/2    2/2
    value   0/2    2/2
    """
    scope = Scope(user_frame(sys._getframe(1)))
    named = {group: scope.resolve(given, f"group {group!r}") for group, given in groups.items()}
    reaches = {name: Reach(loss) for name, loss in _losses(losses, scope, "losses").items()}
    return Matrix(
        {
            loss: {
                group: (sum(reach.has(t) for _, t in tensors), len(tensors))
                for group, tensors in named.items()
            }
            for loss, reach in reaches.items()
        }
    )
