"""What a module owns: parameters, buffers and submodules, registered by assigning them as attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from ..tensor import Tensor
from .parameter import Buffer, Parameter

if TYPE_CHECKING:
    from .module import Module

__all__ = ["Registry", "typename"]


def typename(value: Any) -> str:
    """PyTorch's word for the type of ``value``: ``torch.FloatTensor``, ``int``, ``my_file.Net``."""
    if isinstance(value, Tensor):
        return str(value.type())
    cls = type(value)
    return cls.__qualname__ if cls.__module__ in ("builtins", "") else f"{cls.__module__}.{cls.__qualname__}"


class Registry:
    """The base of `Module` that keeps its tensors and submodules by name and finds them again."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]

    def __init__(self) -> None:
        set_plain = super().__setattr__
        set_plain("_parameters", {})
        set_plain("_buffers", {})
        set_plain("_modules", {})
        set_plain("_non_persistent_buffers_set", set())

    # -- attributes ------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for table in ("_parameters", "_buffers", "_modules"):
            if table in own and name in own[table]:
                return own[table][name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            self._require_init("parameters")
            self._forget(name, but=self._parameters)
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self._require_init("module")
            self._forget(name, but=self._modules)
            self._modules[name] = value  # type: ignore[assignment]
        elif isinstance(value, Buffer) and name not in own.get("_buffers", ()):
            self._require_init("buffer")
            self._forget(name)
            self.register_buffer(name, value, value.persistent)
        elif name in own.get("_parameters", ()):
            _expect_none(value, "parameter", name, "torch.nn.Parameter or None")
            self._parameters[name] = None
        elif name in own.get("_modules", ()):
            _expect_none(value, "child module", name, "torch.nn.Module or None")
            self._modules[name] = None
        elif name in own.get("_buffers", ()):
            if not isinstance(value, Tensor):
                _expect_none(value, "buffer", name, "torch.nn.Buffer, torch.Tensor or None")
            self._buffers[name] = value
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if not self._forget(name):
            if name not in self.__dict__:
                raise AttributeError(
                    f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self
                )
            super().__delattr__(name)

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())

    def _require_init(self, kind: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                f"cannot assign {kind} before Module.__init__() call: begin {type(self).__name__}.__init__ "
                "with super().__init__()."
            )

    def _forget(self, name: str, but: object = None) -> bool:
        """Remove ``name`` everywhere ``but`` in one table, whose order stays; whether it was found."""
        found = False
        for table in (self._parameters, self._buffers, self._modules):
            if name in table and table is not but:
                del table[name]
                found = True
        self._non_persistent_buffers_set.discard(name)
        if name in self.__dict__ and not found:
            del self.__dict__[name]
            found = True
        return found

    # -- registration ----------------------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Own ``param`` as the attribute ``name``; None reserves the name.

        Raises TypeError for anything but a Parameter, KeyError for a name that is taken, empty or has a dot,
        ValueError for a computed tensor.
        """
        self._require_init("parameter")
        self._check_name("parameter", name, self._parameters)
        if param is not None:
            if not isinstance(param, Parameter):
                raise TypeError(
                    f"cannot assign '{typename(param)}' object to parameter '{name}' (torch.nn.Parameter or "
                    "None required)"
                )
            if param.grad_fn is not None:
                raise ValueError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                    f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
                    "the forward() method."
                )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Own ``tensor`` as the attribute ``name``: saved with the module if ``persistent``, trained never.

        Raises TypeError for anything but a Tensor or None, KeyError for a name that is taken, empty or has a
        dot.

        >>> import upriver as up
        >>> layer = up.nn.Module()
        >>> layer.register_buffer("steps", up.zeros(1))
        >>> layer.state_dict()["steps"]
        tensor([0.])
        """
        self._require_init("buffer")
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' (torch Tensor or None "
                "required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Own ``module`` as the attribute ``name``.

        Raises TypeError for anything but a Module, KeyError for a name that is taken, empty or has a dot.

        >>> import upriver as up
        >>> net = up.nn.Module()
        >>> net.add_module("first", up.nn.Identity())
        >>> net.first
        Identity()
        """
        if module is not None and not isinstance(module, Registry):
            raise TypeError(f"{typename(module)} is not a Module subclass")
        self._require_init("module")
        self._check_name("module", name, self._modules)
        self._modules[name] = module

    def register_module(self, name: str, module: Module | None) -> None:
        """Another name of `add_module`."""
        self.add_module(name, module)

    def _check_name(self, kind: str, name: Any, table: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
        if hasattr(self, name) and name not in table:
            raise KeyError(f"attribute '{name}' already exists")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')

    # -- looking up by dotted name ---------------------------------------------------------------------------

    def get_submodule(self, target: str) -> Module:
        """The submodule at a dotted path, ``"encoder.layers.0"``; raises AttributeError where there is none.

        >>> import upriver as up
        >>> up.nn.Sequential(up.nn.Identity()).get_submodule("0")
        Identity()
        """
        module: Any = self
        for name in target.split(".") if target else []:
            if not hasattr(module, name):
                raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
            module = getattr(module, name)
            if not isinstance(module, Registry):
                raise AttributeError(f"`{name}` is not an nn.Module")
        found: Module = module
        return found

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put ``module`` at a dotted path; with ``strict`` something must be there already."""
        if target == "":
            raise ValueError("Cannot set the submodule without a target name!")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if not isinstance(module, Registry):
            raise ValueError(f"`module` is not an nn.Module, found {type(module)}")
        if strict and not hasattr(parent, name):
            raise AttributeError(f"{parent._get_name()} has no attribute `{name}`")
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a dotted path; raises AttributeError where there is none.

        >>> import upriver as up
        >>> up.nn.Sequential(up.nn.Linear(2, 3)).get_parameter("0.weight").shape
        torch.Size([3, 2])
        """
        found = self._get_tensor(target)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{target.rpartition('.')[2]}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a dotted path; raises AttributeError where there is none."""
        found = self._get_tensor(target)
        path, _, name = target.rpartition(".")
        if name not in self.get_submodule(path)._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        buffer: Tensor = found
        return buffer

    def _get_tensor(self, target: str) -> Any:
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(f"{module._get_name()} has no attribute `{name}`")
        return getattr(module, name)

    # -- walking ---------------------------------------------------------------------------------------------

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it with their dotted names; a shared one once, unless told otherwise.

        >>> import upriver as up
        >>> [name for name, _ in up.nn.Sequential(up.nn.Identity()).named_modules()]
        ['', '0']
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self  # type: ignore[misc]
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct submodules with their names, each once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The direct submodules, each once."""
        for _, child in self.named_children():
            yield child

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted names; ``recurse=False`` leaves out those of submodules.

        >>> import upriver as up
        >>> [name for name, _ in up.nn.Linear(2, 3).named_parameters()]
        ['weight', 'bias']
        """
        return self._named_members(lambda module: module._parameters, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, each once: what an optimiser takes."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their dotted names; ``recurse=False`` leaves out those of submodules."""
        return self._named_members(lambda module: module._buffers, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers, each once."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def _named_members(
        self, table: Callable[[Any], dict[str, Any]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules: Any = [(prefix, self)]
        if recurse:
            modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, module in modules:
            for name, member in table(module).items():
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield f"{path}.{name}" if path else name, member

    def apply(self, fn: Callable[[Module], None]) -> Self:
        """Call ``fn`` on every submodule and then on this module.

        >>> import upriver as up
        >>> net = up.nn.Sequential(up.nn.Identity()).apply(lambda module: print(type(module).__name__))
        Identity
        Sequential
        """
        for child in self.children():
            child.apply(fn)
        fn(self)  # type: ignore[arg-type]
        return self


def _expect_none(value: Any, kind: str, name: str, expected: str) -> None:
    if value is not None:
        raise TypeError(f"cannot assign '{typename(value)}' as {kind} '{name}' ({expected} expected)")
