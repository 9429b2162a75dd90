"""Modules that hold modules, and modules that hold parameters."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Self, overload

from ..tensor import Tensor
from .module import Module, indented, layout
from .parameter import Parameter
from .registry import typename

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class _Numbered(Module):
    """A list of modules registered under their positions."""

    def _position(self, index: int, end: bool = False) -> int:
        """``index`` counted from 0; raises IndexError out of range (``end``: one past the last is in
        range).
        """
        index = operator.index(index)
        length = len(self._modules)
        if not -length <= index < length + end:
            raise IndexError(f"index {index} is out of range: there are {length} modules.")
        return index + length if index < 0 else index

    def _at(self, index: int) -> Module:
        module = self._modules[str(self._position(index))]
        assert module is not None
        return module

    def _replace_all(self, modules: Iterable[Module]) -> None:
        self._modules = {str(i): module for i, module in enumerate(modules)}

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter([module for module in self._modules.values() if module is not None])

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, str(self._position(index)), module)

    def __delitem__(self, index: int | slice) -> None:
        kept = list(self)
        del kept[index if isinstance(index, slice) else self._position(index)]
        self._replace_all(kept)

    def append(self, module: Module) -> Self:
        """Add a module after the last."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> None:
        """Add a module before position ``index``."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}, but got {typename(module)}")
        modules = list(self)
        modules.insert(self._position(index, end=True), module)
        self._replace_all(modules)

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules after the last; raises TypeError unless they come in an iterable."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}.extend should be called with an iterable, but got {typename(modules)}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def pop(self, index: int) -> Module:
        """Remove a module and return it."""
        module = self._at(index)
        del self[index]
        return module


class Sequential(_Numbered):
    """Modules called one after the other, each on what the one before returned.

    Takes modules, or one OrderedDict from names to modules.

    >>> import upriver as up
    >>> up.nn.Sequential(up.nn.Linear(2, 3), up.nn.ReLU())
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], OrderedDict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        """Pass ``input`` through every module."""
        for module in self._modules.values():
            input = module(input)  # type: ignore[misc]
        return input

    def _name_at(self, index: int) -> str:
        return next(islice(self._modules, self._position(index), None))

    def _at(self, index: int) -> Module:
        module = self._modules[self._name_at(index)]
        assert module is not None
        return module

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._at(index)

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __delitem__(self, index: int | slice) -> None:
        names = list(self._modules)[index] if isinstance(index, slice) else [self._name_at(index)]
        for name in names:
            delattr(self, name)
        self._replace_all(self)

    def __add__(self, other: Sequential) -> Sequential:
        _expect_sequential(other, "add")
        return Sequential(*self, *other)

    def __iadd__(self, other: Sequential) -> Self:
        _expect_sequential(other, "add")
        return self.extend(other)

    def __mul__(self, times: int) -> Sequential:
        _expect_times(times, self)
        return Sequential(*list(self) * times)

    def __rmul__(self, times: int) -> Sequential:
        return self * times

    def __imul__(self, times: int) -> Self:
        _expect_times(times, self)
        return self.extend(list(self) * (times - 1))


def _expect_sequential(other: Any, operation: str) -> None:
    if not isinstance(other, Sequential):
        raise ValueError(
            f"{operation} operator supports only objects of Sequential class, but {type(other)} is given."
        )


def _expect_times(times: Any, module: Module) -> None:
    if not isinstance(times, int):
        raise TypeError(f"unsupported operand type(s) for *: {type(module)} and {type(times)}")
    if times <= 0:
        raise ValueError(f"Non-positive multiplication factor {times} for {type(module)}")


class ModuleList(_Numbered):
    """A list of modules; it has no forward.

    >>> import upriver as up
    >>> up.nn.ModuleList([up.nn.ReLU(), up.nn.ReLU()])
    ModuleList(
      (0-1): 2 x ReLU()
    )
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        return type(self)(list(self)[index]) if isinstance(index, slice) else self._at(index)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)

    def __repr__(self) -> str:
        """Neighbours that read the same share a line."""
        texts = [repr(module) for module in self]
        lines = []
        start = 0
        for end in range(1, len(texts) + 1):
            if end == len(texts) or texts[end] != texts[start]:
                several = end - start > 1
                label = f"({start}-{end - 1}): {end - start} x " if several else f"({start}): "
                lines.append(label + indented(texts[start]))
                start = end
        return layout(self._get_name(), [], lines)


class ModuleDict(Module):
    """A dictionary of modules; it has no forward.

    >>> import upriver as up
    >>> up.nn.ModuleDict({"up": up.nn.Identity()})["up"]
    Identity()
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        module = self._modules[key]
        assert module is not None
        return module

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove every module."""
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Remove a module and return it."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Any]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names with their modules."""
        return self._modules.items()

    def update(self, modules: Any) -> None:
        """Add the modules of a mapping or of an iterable of (name, module) pairs."""
        for key, module in _pairs("ModuleDict", "ModuleDict", modules):
            self[key] = module


def _pairs(name: str, owner: str, given: Any) -> list[tuple[str, Any]]:
    """The pairs of a mapping, or of an iterable of them; raises TypeError or ValueError for anything else."""
    if isinstance(given, (Mapping, ModuleDict, ParameterDict)):
        return list(given.items())
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{owner}.update should be called with an iterable of key/value pairs, but got "
            f"{type(given).__name__}"
        )
    pairs = []
    for number, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(
                f"{name} update sequence element #{number} should be Iterable; is{type(pair).__name__}"
            )
        entry = tuple(pair)
        if len(entry) != 2:
            raise ValueError(
                f"{name} update sequence element #{number} has length {len(entry)}; 2 is required"
            )
        pairs.append(entry)
    return pairs


class ParameterList(Module):
    """A list whose tensors are parameters (a plain Tensor becomes one); other values are kept as they are.

    >>> import upriver as up
    >>> up.nn.ParameterList([up.ones(2), 3])
    ParameterList(
        (0): Parameter containing: [torch.float32 of size 2]
        (1): Object of type: int
    )
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, self._name_at(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name_at(index), _as_parameter(value))

    def _name_at(self, index: int) -> str:
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range: there are {len(self)} values.")
        return str(index % len(self))

    def append(self, value: Any) -> Self:
        """Add a value after the last."""
        self._size += 1
        self[self._size - 1] = value
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add several values after the last; raises TypeError unless they come in an iterable."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(
                f"ParameterList.extend should be called with an iterable, but got {type(values).__name__}"
            )
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def extra_repr(self) -> str:
        """A line for each value."""
        return "\n".join(f"  ({i}): {_described(value, 'dtype')}" for i, value in enumerate(self))


class ParameterDict(Module):
    """A dictionary whose tensors are parameters (a plain Tensor becomes one); other values are kept as they
    are.

    >>> import upriver as up
    >>> up.nn.ParameterDict({"scale": up.ones(2)})["scale"].requires_grad
    True
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        if not isinstance(key, str):
            raise TypeError(
                "Index given to ParameterDict cannot be used as a key as it is not a string (type is "
                f"'{type(key).__name__}')."
            )
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __or__(self, other: Any) -> ParameterDict:
        joined = ParameterDict(self)
        joined.update(other)
        return joined

    def __ior__(self, other: Any) -> Self:
        self.update(other)
        return self

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._keys.keys()

    def values(self) -> Iterable[Any]:
        """The values."""
        return [self[key] for key in self._keys]

    def items(self) -> Iterable[tuple[str, Any]]:
        """The names with their values."""
        return [(key, self[key]) for key in self._keys]

    def get(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default``."""
        return getattr(self, key) if key in self._keys else default

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, entered as ``default`` if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Remove a value and return it."""
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Remove the last pair and return it."""
        key = next(reversed(self._keys))
        return key, self.pop(key)

    def clear(self) -> None:
        """Remove every value."""
        for key in list(self._keys):
            del self[key]

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(self)

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A dictionary in which every one of ``keys`` has the value ``default``."""
        return ParameterDict((key, default) for key in keys)

    def update(self, parameters: Any) -> None:
        """Add the values of a mapping or of an iterable of (name, value) pairs."""
        for key, value in _pairs("ParameterDict", "ParametersDict", parameters):
            self[key] = value

    def extra_repr(self) -> str:
        """A line for each value."""
        return "\n".join(f"  ({key}): {_described(value, 'type')}" for key, value in self.items())


def _as_parameter(value: Any) -> Any:
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _described(value: Any, kind: str) -> str:
    """PyTorch's phrase for an entry, which names the dtype in lists and the tensor type in dictionaries."""
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    what = "Parameter" if isinstance(value, Parameter) else "Tensor"
    name = value.dtype if kind == "dtype" else typename(value)
    return f"{what} containing: [{name} of size {'x'.join(map(str, value.shape))}]"
