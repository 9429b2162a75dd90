"""One step of the recurrent layers, for programs that write the loop over time themselves."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from ..dtypes import dtype as DType
from ..tensor import Tensor
from . import init
from .module import Module
from .parameter import Parameter
from .recurrent import KINDS, State, Weights, project

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _Cell(Module):
    """The parameters of one step, and the checks of its arguments."""

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool, mode: str, device: Any, dtype: DType | None
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = KINDS[mode].gates * hidden_size
        for name, shape in (("weight_ih", (gates, input_size)), ("weight_hh", (gates, hidden_size))):
            self.register_parameter(name, Parameter(ops.empty(shape, device=device, dtype=dtype)))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(
                name, Parameter(ops.empty(gates, device=device, dtype=dtype)) if bias else None
            )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters uniformly within ``1 / sqrt(hidden_size)`` of 0."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _step(self, mode: str, input: Tensor, state: State | None) -> State:
        """The state after ``input``: (N, input_size) or (input_size)."""
        kind = KINDS[mode]
        self._check(input, state)
        batched = input.dim() == 2
        rows = input if batched else input.unsqueeze(0)
        if state is None:
            zeros = ops.zeros(rows.size(0), self.hidden_size, dtype=input.dtype)
            state = (zeros,) * kind.states
        elif not batched:
            state = tuple(each.unsqueeze(0) for each in state)
        weights = Weights(self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        state = kind.step(project(rows, weights, kind), state, weights)
        return state if batched else tuple(each.squeeze(0) for each in state)

    def _check(self, input: Tensor, state: State | None) -> None:
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {input.size(-1)} expected {self.input_size}"
            )
        for number, hidden in enumerate(state or ()):
            if hidden.dim() not in (1, 2):
                which = f"hx[{number}]" if state is not None and len(state) == 2 else "hidden"
                raise ValueError(f"{name}: Expected {which} to be 1D or 2D, got {hidden.dim()}D instead")
            if hidden.dim() == input.dim() == 2 and hidden.size(0) != input.size(0):
                raise RuntimeError(
                    f"Input batch size {input.size(0)} doesn't match hidden{number} batch size "
                    f"{hidden.size(0)}"
                )
            if hidden.size(-1) != self.hidden_size or hidden.dim() != input.dim():
                raise RuntimeError(
                    f"hidden{number} has inconsistent hidden_size: got {hidden.size(-1)}, expected "
                    f"{self.hidden_size} (its shape is {tuple(hidden.shape)}, the input's "
                    f"{tuple(input.shape)})"
                )

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        words = f"{self.input_size}, {self.hidden_size}"
        return words if self.bias else f"{words}, bias={self.bias}"


class RNNCell(_Cell):
    """One step of `RNN`: ``tanh(W_ih x + b_ih + W_hh h + b_hh)``, or relu.

    >>> import upriver as up
    >>> up.nn.RNNCell(2, 3)(up.ones(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, "RNN_TANH", device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """(N, input_size) and (N, hidden_size), 0 by default, to (N, hidden_size); all without N as well."""
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}. Select from 'tanh' or 'relu'.")
        return self._step(f"RNN_{self.nonlinearity.upper()}", input, None if hx is None else (hx,))[0]

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        words = super().extra_repr()
        return words if self.nonlinearity == "tanh" else f"{words}, nonlinearity={self.nonlinearity}"


class GRUCell(_Cell):
    """One step of `GRU`.

    >>> import upriver as up
    >>> up.nn.GRUCell(2, 3)(up.ones(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, "GRU", device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """(N, input_size) and (N, hidden_size), 0 by default, to (N, hidden_size); all without N as well."""
        return self._step("GRU", input, None if hx is None else (hx,))[0]


class LSTMCell(_Cell):
    """One step of `LSTM`: the new hidden state and cell.

    >>> import upriver as up
    >>> h, c = up.nn.LSTMCell(2, 3)(up.ones(4, 2))
    >>> h.shape, c.shape
    (torch.Size([4, 3]), torch.Size([4, 3]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, "LSTM", device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """(N, input_size) and a pair of (N, hidden_size), 0 by default, to such a pair; all without N as
        well.
        """
        hidden, cell = self._step("LSTM", input, None if hx is None else tuple(hx))
        return hidden, cell
