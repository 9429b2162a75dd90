"""What every optimiser is: groups of parameters with options, state for each parameter, hooks, and a step."""

from __future__ import annotations

import functools
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import chain
from typing import Any, TypeAlias

from ..autograd import enable_grad
from ..autograd.node import RemovableHandle
from ..tensor import Tensor

__all__ = ["Closure", "Optimizer", "Params"]

Params: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]
Closure: TypeAlias = Callable[[], Any]
Group: TypeAlias = dict[str, Any]
StateDict: TypeAlias = dict[str, Any]
Hook: TypeAlias = Callable[..., Any]

HOOKS = (
    "step_pre", "step_post", "state_dict_pre", "state_dict_post", "load_state_dict_pre",
    "load_state_dict_post",
)  # fmt: skip


class Optimizer:
    """The base of all optimisers: subclasses define ``step`` and give their options as ``defaults``.

    ``params`` is an iterable of leaf tensors, of ``(name, tensor)`` pairs, or of dictionaries: groups with
    options of their own, ``{"params": [...], "lr": 0.1}``. ``param_groups`` holds the groups, ``state`` what
    is remembered for each parameter. A parameter whose ``grad`` is None is left as it is.

    >>> import upriver as up
    >>> w = up.tensor([1.0, 2.0], requires_grad=True)
    >>> opt = up.optim.SGD([w], lr=0.5)
    >>> (w * w).sum().backward()
    >>> opt.step()
    >>> w.tolist()
    [0.0, 0.0]
    """

    _opt_called = False  # whether step() was ever called: a schedule warns when it is stepped first

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                f"{params.type()}: put it in a list, [param]"
            )
        if defaults.get("differentiable"):
            raise NotImplementedError(
                "differentiable=True is not supported: the step writes the parameters' memory outside the "
                "graph. To differentiate through an update, write it out: w = w - lr * "
                "up.autograd.grad(loss, w, create_graph=True)[0]"
            )
        if defaults.get("foreach") and defaults.get("fused"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._hooks = _no_hooks()
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list: a generator such as model.parameters() can be used "
                "only once"
            )
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = _run_hooks_around(cls.step)  # type: ignore[method-assign]

    # -- parameters ------------------------------------------------------------------------------------------

    def add_param_group(self, param_group: Group) -> None:
        """Add a dictionary with the key ``params`` and any options that differ from the defaults.

        Raises TypeError for what is not a Tensor, ValueError for a tensor that is no leaf or is in another
        group.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        params, names = _listed(param_group["params"])
        for param in params:
            self._check(param)
        if len(set(params)) != len(params):
            warnings.warn("optimizer contains a parameter group with duplicate parameters", stacklevel=3)
        for group in self.param_groups:
            if ("param_names" in group) != bool(names):
                given = "with names" if names else "without names"
                raise ValueError(
                    "all optimizer param groups should be with/without names. "
                    f"cannot add param group {given} to the optimizer"
                )
            if not set(params).isdisjoint(group["params"]):
                raise ValueError("some parameters appear in more than one parameter group")
        param_group["params"] = params
        if names:
            param_group["param_names"] = names
        for option, default in self.defaults.items():
            param_group.setdefault(option, default)
        self.param_groups.append(param_group)

    def _check(self, param: Any) -> None:
        if not isinstance(param, Tensor):
            raise TypeError(
                f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}: "
                f"{param!r}"
            )
        if not (param.is_leaf or param.retains_grad):
            raise ValueError(
                f"can't optimize a non-leaf Tensor: one of the params was computed ({param.grad_fn}). Give "
                "the optimizer the tensor it was computed from, or make it a leaf: "
                "param.detach().requires_grad_()"
            )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters; ``set_to_none=False`` fills them with zeros instead."""
        for group in self.param_groups:
            for param in group["params"]:
                if set_to_none:
                    param.grad = None
                elif param.grad is not None:
                    if param.grad.grad_fn is not None:
                        param.grad.detach_()
                    param.grad.requires_grad_(False).zero_()

    def step(self, closure: Closure | None = None) -> Any:
        """Update the parameters once; ``closure`` recomputes loss and gradients, and its loss is returned."""
        raise NotImplementedError(
            f"{type(self).__name__} has no step(): a subclass of Optimizer must define it"
        )

    # -- saving ----------------------------------------------------------------------------------------------

    def state_dict(self) -> StateDict:
        """The state and the options as a dictionary in PyTorch's layout: parameters are numbered in order."""
        for hook in self._hooks["state_dict_pre"].values():
            hook(self)
        number = {param: index for index, param in enumerate(self._params())}
        start = 0
        groups = []
        for group in self.param_groups:
            packed = {key: value for key, value in group.items() if key != "params"}
            packed["params"] = list(range(start, start := start + len(group["params"])))
            groups.append(packed)
        state = {number[key] if isinstance(key, Tensor) else key: value for key, value in self.state.items()}
        packed_state: StateDict = {"state": state, "param_groups": groups}
        for hook in self._hooks["state_dict_post"].values():
            changed = hook(self, packed_state)
            packed_state = packed_state if changed is None else changed
        return packed_state

    def load_state_dict(self, state_dict: StateDict) -> None:
        """Take over what :meth:`state_dict` returned; tensors are copied, in the type of their parameter.

        Raises ValueError if the number of groups or of parameters differs.
        """
        state_dict = state_dict.copy()
        for hook in self._hooks["load_state_dict_pre"].values():
            changed = hook(self, state_dict)
            state_dict = state_dict if changed is None else changed
        groups = deepcopy(state_dict["param_groups"])
        self._check_groups(groups)
        numbers = chain.from_iterable(group["params"] for group in groups)
        param_of = dict(zip(numbers, self._params(), strict=True))
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for number, value in state_dict["state"].items():
            param = param_of.get(number)
            state[number if param is None else param] = value if param is None else _adopt(param, value)
        for group, own in zip(groups, self.param_groups, strict=True):
            group["params"] = own["params"]
            if "param_names" in own:
                group.setdefault("param_names", own["param_names"])
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in self._hooks["load_state_dict_post"].values():
            hook(self)

    def _check_groups(self, groups: list[Group]) -> None:
        saved, own = ([len(group["params"]) for group in some] for some in (groups, self.param_groups))
        if len(saved) != len(own):
            raise ValueError(
                f"loaded state dict has a different number of parameter groups: {len(saved)}, expected "
                f"{len(own)}"
            )
        if saved != own:
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                f"group: parameters per group are {saved}, expected {own}"
            )

    def _params(self) -> Iterator[Tensor]:
        return chain.from_iterable(group["params"] for group in self.param_groups)

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.setdefault("_hooks", _no_hooks())

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for index, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {index}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])

    # -- hooks -----------------------------------------------------------------------------------------------

    def _register(self, kind: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        handle = RemovableHandle(self._hooks[kind], hook)
        if prepend:
            self._hooks[kind].move_to_end(handle.id, last=False)
        return handle

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; it may return new ``(args, kwargs)``."""
        return self._register("step_pre", hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return self._register("step_post", hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before :meth:`state_dict`."""
        return self._register("state_dict_pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after :meth:`state_dict`; it may return another dictionary."""
        return self._register("state_dict_post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading; what it returns, if anything, is loaded."""
        return self._register("load_state_dict_pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._register("load_state_dict_post", hook, prepend)


def evaluate(closure: Closure | None) -> Any:
    """The loss that ``closure`` computes, with gradients on; None without a closure."""
    if closure is None:
        return None
    with enable_grad():
        return closure()


def _no_hooks() -> dict[str, OrderedDict[int, Hook]]:
    return {kind: OrderedDict() for kind in HOOKS}


def _run_hooks_around(step: Callable[..., Any]) -> Callable[..., Any]:
    """``step`` between the hooks before and after it."""

    @functools.wraps(step)
    def hooked(self: Optimizer, *args: Any, **kwargs: Any) -> Any:
        return run_step(self, step, *args, **kwargs)

    return hooked


def run_step(optimizer: Optimizer, step: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """One step of ``optimizer`` with its hooks: the one place where any optimiser steps."""
    optimizer._opt_called = True
    for hook in optimizer._hooks["step_pre"].values():
        changed = hook(optimizer, (optimizer, *args), kwargs)
        if changed is None:
            continue
        if not (isinstance(changed, tuple) and len(changed) == 2):
            raise RuntimeError(
                f"{step.__qualname__} must return None or a tuple of (new_args, new_kwargs), but got "
                f"{changed}: that is what the step pre hook {hook!r} returned"
            )
        (_, *args), kwargs = changed
    result = step(optimizer, *args, **kwargs)
    for hook in optimizer._hooks["step_post"].values():
        hook(optimizer, (optimizer, *args), kwargs)
    return result


def _listed(params: Any) -> tuple[list[Any], list[str]]:
    """The tensors of a group and, where they were given, their names."""
    if isinstance(params, Tensor):
        return [params], []
    if isinstance(params, set):
        raise TypeError(
            "optimizer parameters need to be organized in ordered collections, but the ordering of tensors "
            "in sets will change between runs. Please use a list instead."
        )
    params = list(params)
    named = [entry for entry in params if isinstance(entry, tuple)]
    if named and len(named) != len(params):
        raise ValueError("all optimizer params should be with/without names. Some param names are missing")
    return ([tensor for _, tensor in named], [name for name, _ in named]) if named else (params, [])


def _adopt(param: Tensor, value: Any, key: str = "") -> Any:
    """A copy of a loaded state ``value`` of ``param``; tensors but ``step`` are turned into its type."""
    if isinstance(value, Tensor):
        copied = value.detach().clone()
        return copied if key == "step" or not param.is_floating_point() else copied.to(param.dtype)
    if isinstance(value, dict):
        return {name: _adopt(param, each, name) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_adopt(param, each) for each in value)
    return value
