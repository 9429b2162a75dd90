"""Saving a module's tensors to a dictionary, and loading them back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..autograd import no_grad
from ..tensor import Tensor
from .parameter import Parameter

if TYPE_CHECKING:
    from .module import Module

__all__ = ["EXTRA_STATE_KEY", "IncompatibleKeys", "StateDict", "load_state_dict", "state_dict"]

# The key of what a module's own `get_extra_state` returns.
EXTRA_STATE_KEY = "_extra_state"


class StateDict(OrderedDict[str, Any]):
    """The tensors of a module by name; ``_metadata`` has the version of each submodule."""

    _metadata: dict[str, Any]


class IncompatibleKeys(NamedTuple):
    """The keys that a state dict did not have, and those that the module did not have."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def state_dict(module: Module, destination: Any, prefix: str, keep_vars: bool) -> Any:
    """Enter the tensors of ``module`` and of its submodules in ``destination``."""
    if destination is None:
        destination = StateDict()
        destination._metadata = OrderedDict()
    metadata = {"version": module._version}
    if hasattr(destination, "_metadata"):
        destination._metadata[prefix[:-1]] = metadata
    for hook in module._state_dict_pre_hooks.values():
        hook(module, prefix, keep_vars)
    module._save_to_state_dict(destination, prefix, keep_vars)
    for name, child in module._modules.items():
        if child is not None:
            child.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in module._state_dict_hooks.values():
        if hook(module, destination, prefix, metadata) is not None:
            raise RuntimeError("state_dict post-hook must return None: edit the dictionary that it is given.")
    return destination


def save_own(module: Module, destination: Any, prefix: str, keep_vars: bool) -> None:
    """Enter the tensors of ``module`` itself."""
    for name, tensor in own_tensors(module).items():
        destination[prefix + name] = tensor if keep_vars else tensor.detach()
    if hasattr(type(module), "get_extra_state"):
        destination[prefix + EXTRA_STATE_KEY] = module.get_extra_state()


def own_tensors(module: Module) -> dict[str, Tensor]:
    """The parameters of ``module`` itself, and the buffers that its state dict holds."""
    transient = module._non_persistent_buffers_set
    buffers = {name: buffer for name, buffer in module._buffers.items() if name not in transient}
    return {name: t for name, t in {**module._parameters, **buffers}.items() if t is not None}


def load_state_dict(module: Module, given: Any, strict: bool, assign: bool) -> IncompatibleKeys:
    """Copy the tensors of ``given`` into ``module``; raises RuntimeError with every mismatch at once."""
    if not isinstance(given, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(given)}.")
    metadata = getattr(given, "_metadata", None)
    source: dict[str, Any] = OrderedDict(given)
    missing: list[str] = []
    unexpected: list[str] = []
    errors: list[str] = []

    def load(into: Module, prefix: str) -> None:
        local = {} if metadata is None else metadata.get(prefix[:-1], {})
        if assign:
            local = {**local, "assign_to_params_buffers": True}
        into._load_from_state_dict(source, prefix, local, True, missing, unexpected, errors)
        for name, child in into._modules.items():
            if child is not None:
                load(child, f"{prefix}{name}.")
        for hook in into._load_state_dict_post_hooks.values():
            if hook(into, IncompatibleKeys(missing, unexpected)) is not None:
                raise AssertionError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return "
                    "new values, if incompatible_keys need to be modified, it should be done inplace."
                )

    load(module, "")
    if strict:
        for title, keys in (("Unexpected", unexpected), ("Missing", missing)):
            if keys:
                quoted = ", ".join(f'"{key}"' for key in keys)
                errors.insert(0, f"{title} key(s) in state_dict: {quoted}. ")
    if errors:
        details = "\n\t".join(errors)
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t{details}")
    return IncompatibleKeys(missing, unexpected)


def load_own(
    module: Module,
    source: dict[str, Any],
    prefix: str,
    metadata: Mapping[str, Any],
    strict: bool,
    missing: list[str],
    unexpected: list[str],
    errors: list[str],
) -> None:
    """Copy what ``source`` has for ``module`` itself, and say in the three lists what does not fit."""
    for hook in module._load_state_dict_pre_hooks.values():
        hook(module, source, prefix, metadata, strict, missing, unexpected, errors)
    tensors = own_tensors(module)
    for name, tensor in tensors.items():
        key = prefix + name
        if key in source:
            _load_tensor(module, name, tensor, key, source[key], metadata, errors)
        elif strict:
            missing.append(key)
    key = prefix + EXTRA_STATE_KEY
    if hasattr(type(module), "set_extra_state"):
        if key in source:
            module.set_extra_state(source[key])
        elif strict:
            missing.append(key)
    elif strict and key in source:
        unexpected.append(key)
    if strict:
        unexpected.extend(_unknown_keys(module, source, prefix, tensors))


def _unknown_keys(module: Module, source: dict[str, Any], prefix: str, own: dict[str, Tensor]) -> list[str]:
    """The keys under ``prefix`` that name neither a tensor of ``module`` itself nor anything in a
    submodule.
    """
    unknown = []
    for key in source:
        if key.startswith(prefix) and key != prefix + EXTRA_STATE_KEY:
            first, dot, _ = key[len(prefix) :].partition(".")
            if first not in (module._modules if dot else own):
                unknown.append(key)
    return unknown


def _load_tensor(
    module: Module,
    name: str,
    tensor: Tensor,
    key: str,
    value: Any,
    metadata: Mapping[str, Any],
    errors: list[str],
) -> None:
    if not isinstance(value, Tensor):
        errors.append(
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from '
            f"checkpoint but received {type(value)}"
        )
        return
    if value.shape != tensor.shape:
        errors.append(
            f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape "
            f"in current model is {tensor.shape}."
        )
        return
    try:
        with no_grad():
            if metadata.get("assign_to_params_buffers"):
                _assign(module, name, tensor, value)
            else:
                tensor.copy_(value)
    except (RuntimeError, TypeError) as error:
        errors.append(
            f'While copying the parameter named "{key}", whose dimensions in the model are {tensor.size()} '
            f"and whose dimensions in the checkpoint are {value.size()}, an exception occurred : "
            f"{error.args}."
        )


def _assign(module: Module, name: str, tensor: Tensor, value: Tensor) -> None:
    """Make ``value`` itself the module's tensor."""
    if isinstance(tensor, Parameter):
        if not isinstance(value, Parameter):
            value = Parameter(value, requires_grad=tensor.requires_grad)
        elif value.requires_grad != tensor.requires_grad:
            value.requires_grad_(tensor.requires_grad)
    setattr(module, name, value)
