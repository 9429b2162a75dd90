"""What a program may rely on: every assertion here holds on PyTorch, too."""
