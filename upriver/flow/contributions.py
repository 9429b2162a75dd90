"""What becomes of gradients: applied by a step, read by the user, zeroed unused, applied twice."""

from __future__ import annotations

import weakref
from collections import Counter
from typing import Any

from .model import Site
from .values import Leaf

__all__ = ["Contributions"]

SEVERAL = 3  # times in a row that a contribution is wasted before that is a habit


class _Account:
    """One leaf's gradient since it was last zeroed."""

    __slots__ = ("applied", "cleared", "closure", "pending", "user")

    def __init__(self) -> None:
        self.pending: dict[Site, int] = {}  # contributions nobody has used, by the backward that made them
        self.applied: Site | None = None  # the step that has applied what is in the gradient
        self.cleared = 0  # how often the gradient was zeroed
        self.closure: Site | None = None  # the step whose closure may run
        self.user = False  # whether the user's code read it


class Contributions:
    """The accounts of all leaves, and the verdicts on the statements that made and used gradients."""

    def __init__(self) -> None:
        self.made: dict[Site, int] = {}  # by backward: the leaves whose gradients it has added to
        self.useful: dict[Site, int] = {}  # by backward: the leaves whose contributions were used
        self.wasted: dict[Site, int] = {}  # and those that were zeroed or dropped first
        self.streak: Counter[tuple[Site, int]] = Counter()  # wasted in a row, by backward and leaf
        self.always: dict[Site, int] = {}  # leaves whose contributions were wasted several times in a row
        self.repeated: Counter[Site] = Counter()  # steps that applied what an earlier one had applied
        self.repeated_leaves: dict[Site, int] = {}
        self.read = 0  # leaves whose gradient the user's code has looked at
        self.stepped = 0  # leaves that some optimiser has stepped
        self.steps = 0
        self._grads: dict[int, tuple[Any, Leaf]] = {}  # gradient tensors, by id

    def account(self, leaf: Leaf) -> _Account:
        """The account of ``leaf``."""
        if leaf.ledger is None:
            leaf.ledger = _Account()
        return leaf.ledger  # type: ignore[no-any-return]

    def leaf_of(self, t: Any) -> Leaf | None:
        """Whose gradient ``t`` is."""
        entry = self._grads.get(id(t))
        return entry[1] if entry is not None and entry[0]() is t else None

    def know(self, gradient: Any, leaf: Leaf) -> None:
        """Remember that ``gradient`` is that of ``leaf``."""
        if self.leaf_of(gradient) is not leaf:
            key, grads = id(gradient), self._grads
            grads[key] = (weakref.ref(gradient, lambda _: grads.pop(key, None)), leaf)

    def contributed(self, leaf: Leaf, site: Site) -> None:
        """A backward at ``site`` has added to the gradient of ``leaf``."""
        leaf.grads += 1
        account = self.account(leaf)
        self.made[site] = self.made.get(site, 0) | leaf.mask
        account.pending[site] = account.pending.get(site, 0) + 1
        if account.closure is not None and account.applied is not None:
            self._repeats(leaf, account.closure)

    def used(self, leaf: Leaf, by_user: bool) -> None:
        """Somebody looked at the gradient: all that is in it was of use."""
        account = self.account(leaf)
        for site in account.pending:
            self.useful[site] = self.useful.get(site, 0) | leaf.mask
            self.streak.pop((site, leaf.bit), None)
        if by_user:
            self.read |= leaf.mask
            account.user = True
            account.pending = {}

    def step(self, leaf: Leaf, site: Site, closure: bool) -> None:
        """An optimiser applies the gradient of ``leaf`` at ``site``."""
        account = self.account(leaf)
        self.stepped |= leaf.mask
        if account.applied is not None and not closure:
            self._repeats(leaf, site)
        account.closure = site if closure else None
        self.used(leaf, False)
        account.pending = {}
        account.applied = site

    def left_over(self, leaf: Leaf) -> None:
        """The program has ended: what has piled up in a gradient, and nobody has used, was wasted."""
        for site, times in self.account(leaf).pending.items():
            if times >= SEVERAL:
                self.always[site] = self.always.get(site, 0) | leaf.mask

    def _repeats(self, leaf: Leaf, site: Site) -> None:
        self.repeated[site] += 1
        self.repeated_leaves[site] = self.repeated_leaves.get(site, 0) | leaf.mask

    def zeroed(self, leaf: Leaf) -> None:
        """The gradient was set to zero, or dropped."""
        account = self.account(leaf)
        if account.closure is not None:  # the optimiser has looked at what its closure has computed
            self.used(leaf, False)
            account.pending = {}
        for site in account.pending:
            self.wasted[site] = self.wasted.get(site, 0) | leaf.mask
            self.streak[site, leaf.bit] += 1
            if self.streak[site, leaf.bit] >= SEVERAL:
                self.always[site] = self.always.get(site, 0) | leaf.mask
        account.pending = {}
        account.applied = None
        account.user = False
        account.cleared += 1
