"""The array kernels against plain definitions, finite differences, stored values and PyTorch."""
