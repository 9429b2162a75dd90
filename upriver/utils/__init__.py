"""What stands beside networks and optimisers: ``upriver.utils.checkpoint``."""

from __future__ import annotations

from . import checkpoint as checkpoint
