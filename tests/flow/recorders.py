"""Which libraries a test of the recorders runs on, and small programs for it."""

from __future__ import annotations

import pytest

from upriver.flow.engine import EngineRecorder
from upriver.flow.recorder import Recorder

# upriver's own as soon as its recorder is one
LIBRARIES = [
    *(["upriver"] if issubclass(EngineRecorder, Recorder) else []),
    pytest.param("torch", marks=pytest.mark.oracle),
]

CUT = """\
import torch
from torch import nn

encoder, head = nn.Linear(2, 2), nn.Linear(2, 1)
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
for _ in range(2):
    h = encoder(torch.ones(4, 2))
    h = h.detach()
    loss = head(h).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("trained")
"""
HEALTHY = CUT.replace("    h = h.detach()\n", "    h = h.tanh()\n")
CUTTING_LINE = 8
