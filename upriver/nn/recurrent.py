"""Recurrent layers: a step function for each kind, run over time by one loop."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import ops
from ..dtypes import dtype as DType
from ..ops.recurrent import lstm
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module
from .parameter import Parameter

__all__ = ["GRU", "LSTM", "RNN", "RNNBase"]

State = tuple[Tensor, ...]


class Weights(NamedTuple):
    """The parameters of one direction of one layer, under PyTorch's names."""

    ih: Tensor
    hh: Tensor
    bias_ih: Tensor | None
    bias_hh: Tensor | None
    hr: Tensor | None = None


class Kind(NamedTuple):
    """A kind of recurrence: blocks of gates, tensors of state, and one step from projected input to new
    state.
    """

    gates: int
    states: int
    step: Callable[[Tensor, State, Weights], State]
    # Whether the hidden bias may be added with the input's, for all time steps at once.
    joint_bias: bool


def _tanh_step(projected: Tensor, state: State, weights: Weights) -> State:
    return (ops.tanh(projected + ops.linear(state[0], weights.hh)),)


def _relu_step(projected: Tensor, state: State, weights: Weights) -> State:
    return (ops.relu(projected + ops.linear(state[0], weights.hh)),)


def _lstm_step(projected: Tensor, state: State, weights: Weights) -> State:
    steps = lstm(projected.unsqueeze(0), state[0], state[1], weights.hh)
    # Copies, because views could not be detached in place.
    hidden, cell = (each.squeeze(0).clone() for each in steps)
    return hidden if weights.hr is None else ops.linear(hidden, weights.hr), cell


def _gru_step(projected: Tensor, state: State, weights: Weights) -> State:
    (hidden,) = state
    size = hidden.size(-1)
    input_gates, input_new = ops.split(projected, [2 * size, size], -1)
    hidden_gates, hidden_new = ops.split(
        ops.linear(hidden, weights.hh, weights.bias_hh), [2 * size, size], -1
    )
    reset, update = ops.chunk(ops.sigmoid(input_gates + hidden_gates), 2, -1)
    new = ops.tanh(input_new + reset * hidden_new)
    return (new + update * (hidden - new),)


KINDS = {
    "RNN_TANH": Kind(1, 1, _tanh_step, True),
    "RNN_RELU": Kind(1, 1, _relu_step, True),
    "LSTM": Kind(4, 2, _lstm_step, True),
    "GRU": Kind(3, 1, _gru_step, False),
}


def project(input: Tensor, weights: Weights, kind: Kind) -> Tensor:
    """The input's part of every gate, for all time steps in one product."""
    bias = weights.bias_ih
    if kind.joint_bias and bias is not None and weights.bias_hh is not None:
        bias = bias + weights.bias_hh
    return ops.linear(input, weights.ih, bias)


def run(sequence: Tensor, state: State, weights: Weights, kind: Kind, reverse: bool) -> tuple[Tensor, State]:
    """One direction of one layer over (L, N, in): the hidden states (L, N, H) and the last state."""
    projected = project(sequence, weights, kind)
    if kind.step is _lstm_step and weights.hr is None:
        hiddens, cells = lstm(projected, state[0], state[1], weights.hh, reverse)
        last = 0 if reverse else -1
        return hiddens, (hiddens[last], cells[last])
    inputs = ops.unbind(projected)
    outputs = []
    for projected in reversed(inputs) if reverse else inputs:
        state = kind.step(projected, state, weights)
        outputs.append(state[0])
    return ops.stack(outputs[::-1] if reverse else outputs), state


class RNNBase(Module):
    """What the recurrent layers share: parameters, shapes, the loop over layers and directions."""

    mode: str

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        super().__init__()
        _check_sizes(mode, hidden_size, num_layers, dropout, proj_size)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                for name, shape in self._shapes(layer).items():
                    self.register_parameter(
                        name + suffix, Parameter(ops.empty(shape, device=device, dtype=dtype))
                    )
        self.reset_parameters()

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"] if self.bidirectional else [f"_l{layer}"]

    def _shapes(self, layer: int) -> dict[str, tuple[int, ...]]:
        gates = KINDS[self.mode].gates * self.hidden_size
        below = self._output_size * (1 + self.bidirectional) if layer else self.input_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (gates, below),
            "weight_hh": (gates, self._output_size),
        }
        if self.bias:
            shapes.update(bias_ih=(gates,), bias_hh=(gates,))
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        return shapes

    def _weights(self, suffix: str) -> Weights:
        own = self._parameters
        return Weights(
            own["weight_ih" + suffix],  # type: ignore[arg-type]
            own["weight_hh" + suffix],  # type: ignore[arg-type]
            own.get("bias_ih" + suffix),
            own.get("bias_hh" + suffix),
            own.get("weight_hr" + suffix),
        )

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each direction of each layer."""
        return [
            [self._parameters[name + suffix] for name in self._shapes(layer)]  # type: ignore[misc]
            for layer in range(self.num_layers)
            for suffix in self._suffixes(layer)
        ]

    def flatten_parameters(self) -> None:
        """Nothing: the parameters need no special layout in memory."""

    def reset_parameters(self) -> None:
        """Draw all parameters uniformly within ``1 / sqrt(hidden_size)`` of 0."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _forward(self, input: Tensor, state: State | None) -> tuple[Tensor, State]:
        self._check_input(input)
        batched = input.dim() == 3
        sequence = input.transpose(0, 1) if batched and self.batch_first else input
        sequence = sequence if batched else sequence.unsqueeze(1)
        if sequence.size(0) == 0:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        if state is None:
            state = tuple(
                ops.zeros(shape, dtype=input.dtype) for shape in self._state_shapes(sequence.size(1))
            )
        else:
            self._check_dims(state, batched)
            state = state if batched else tuple(each.unsqueeze(1) for each in state)
            self._check_state(state, sequence.size(1))
        output, state = self._layers(sequence, state)
        if not batched:
            return output.squeeze(1), tuple(each.squeeze(1) for each in state)
        return output.transpose(0, 1) if self.batch_first else output, state

    def _layers(self, sequence: Tensor, state: State) -> tuple[Tensor, State]:
        kind = KINDS[self.mode]
        starts = list(zip(*(ops.unbind(each) for each in state), strict=True))
        ends: list[State] = []
        for layer in range(self.num_layers):
            outputs = []
            for reverse, suffix in enumerate(self._suffixes(layer)):
                output, end = run(sequence, starts[len(ends)], self._weights(suffix), kind, bool(reverse))
                outputs.append(output)
                ends.append(end)
            sequence = outputs[0] if len(outputs) == 1 else ops.cat(outputs, -1)
            if self.dropout and layer < self.num_layers - 1:
                sequence = F.dropout(sequence, self.dropout, self.training)
        return sequence, tuple(ops.stack(each) for each in zip(*ends, strict=True))

    def _state_shapes(self, batch: int) -> list[tuple[int, int, int]]:
        count = self.num_layers * (1 + self.bidirectional)
        shapes = [(count, batch, self._output_size), (count, batch, self.hidden_size)]
        return shapes[: KINDS[self.mode].states]

    def _check_input(self, input: Tensor) -> None:
        if input.dim() not in (2, 3):
            raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        weight = self.all_weights[0][0]
        if input.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). Convert "
                f"input: input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                f"{input.size(-1)}"
            )

    def _check_dims(self, state: State, batched: bool) -> None:
        wanted = 3 if batched else 2
        if all(each.dim() == wanted for each in state):
            return
        found = ", ".join(f"{each.dim()}-D" for each in state)
        words = f"hx and cx should also be {wanted}-D but got ({found}) tensors"
        if len(state) == 1:
            words = f"hx should also be {wanted}-D but got {found} tensor"
        raise RuntimeError(f"For {'batched 3-D' if batched else 'unbatched 2-D'} input, {words}")

    def _check_state(self, state: State, batch: int) -> None:
        for number, (each, shape) in enumerate(zip(state, self._state_shapes(batch), strict=True)):
            if tuple(each.shape) != shape:
                name = f"hidden[{number}]" if len(state) == 2 else "hidden"
                raise RuntimeError(f"Expected {name} size {shape}, got {list(each.shape)}")

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        words = f"{self.input_size}, {self.hidden_size}"
        usual = {
            "proj_size": 0,
            "num_layers": 1,
            "bias": True,
            "batch_first": False,
            "dropout": 0,
            "bidirectional": False,
        }
        for name, value in usual.items():
            if getattr(self, name) != value:
                words += f", {name}={getattr(self, name)}"
        return words


def _check_sizes(mode: str, hidden_size: int, num_layers: int, dropout: float, proj_size: int) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an element being "
            "zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
            "num_layers "
            f"greater than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )
    if not isinstance(hidden_size, int):
        raise TypeError(f"hidden_size should be of type int, got: {type(hidden_size).__name__}")
    if hidden_size <= 0:
        raise ValueError("hidden_size must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
    if proj_size and mode != "LSTM":
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")


class _OneState(RNNBase):
    """A layer whose state is one tensor."""

    def forward(self, input: Tensor, hx: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(L, N, input_size), or (N, L, input_size) with ``batch_first``, or (L, input_size).

        Returns the hidden states of every step, (L, N, D * hidden_size) alike, and the last ones,
        (D * num_layers, N, hidden_size), where D is 2 if bidirectional. ``hx`` is the first state, 0 by
        default.
        """
        output, state = self._forward(input, None if hx is None else (hx,))
        return output, state[0]


class RNN(_OneState):
    """``h = tanh(W_ih x + b_ih + W_hh h + b_hh)`` at every step (``nonlinearity='relu'``: relu instead of
    tanh).

    Arguments: ``input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False,
    dropout=0.0, bidirectional=False``.

    >>> import upriver as up
    >>> output, h = up.nn.RNN(2, 3)(up.ones(5, 4, 2))
    >>> output.shape, h.shape
    (torch.Size([5, 4, 3]), torch.Size([1, 4, 3]))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: DType | None = None,
    ) -> None:
        modes = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        if nonlinearity not in modes:
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(
            modes[nonlinearity], input_size, hidden_size, num_layers, bias, batch_first, dropout,
            bidirectional, proj_size, device, dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity


class GRU(_OneState):
    """A gated recurrent unit: a reset gate, an update gate and a candidate at every step.

    Arguments: ``input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
    bidirectional=False``.

    >>> import upriver as up
    >>> output, h = up.nn.GRU(2, 3, num_layers=2, batch_first=True)(up.ones(4, 5, 2))
    >>> output.shape, h.shape
    (torch.Size([4, 5, 3]), torch.Size([2, 4, 3]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("GRU", *args, **kwargs)


class LSTM(RNNBase):
    """Long short-term memory: a hidden state and a cell with gates to enter, to keep and to leave.

    Arguments: ``input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
    bidirectional=False, proj_size=0`` (a smaller hidden state, projected from the gates).

    >>> import upriver as up
    >>> output, (h, c) = up.nn.LSTM(2, 3, bidirectional=True)(up.ones(5, 4, 2))
    >>> output.shape, h.shape, c.shape
    (torch.Size([5, 4, 6]), torch.Size([2, 4, 3]), torch.Size([2, 4, 3]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(L, N, input_size), or (N, L, input_size) with ``batch_first``, or (L, input_size).

        Returns the hidden states of every step, (L, N, D * H) alike, and the last hidden states and cells,
        (D * num_layers, N, H) and (D * num_layers, N, hidden_size), where D is 2 if bidirectional and H is
        ``proj_size`` or ``hidden_size``. ``hx`` is the first pair of them, 0 by default.
        """
        output, (hidden, cell) = self._forward(input, None if hx is None else tuple(hx))
        return output, (hidden, cell)
