"""The suite. `python -m pytest` runs it; `python -m tests.record` renews the recorded PyTorch results."""
