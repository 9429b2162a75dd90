"""The graph, and what runs over it: recording, backward, modes, hooks, custom functions, checks."""

from __future__ import annotations

from ..tensor import Cut as Cut
from ..tensor import Tensor
from . import forward_ad as forward_ad
from . import function as function
from . import functional as functional
from . import graph as graph
from . import variable as variable
from .anomaly import detect_anomaly as detect_anomaly
from .anomaly import set_detect_anomaly as set_detect_anomaly
from .check import gradcheck as gradcheck
from .check import gradgradcheck as gradgradcheck
from .differentiate import backward as backward
from .differentiate import grad as grad
from .function import Function as Function
from .function import FunctionCtx as FunctionCtx
from .function import once_differentiable as once_differentiable
from .modes import enable_grad as enable_grad
from .modes import inference_mode as inference_mode
from .modes import is_grad_enabled as is_grad_enabled
from .modes import is_inference_mode_enabled as is_inference_mode_enabled
from .modes import no_grad as no_grad
from .modes import set_grad_enabled as set_grad_enabled
from .variable import written as written


def cuts(t: Tensor) -> list[Cut]:
    """The statements that cut a tensor without history from the graph: what it descends from, oldest first.

    >>> import upriver as up
    >>> x = up.ones(2, requires_grad=True)
    >>> [cut.kind for cut in up.autograd.cuts(x.detach() * 3)]
    ['detach()']
    """
    return list(t._origin or ())
