"""Plain-array kernels: what NumPy lacks or does slowly, ndarray in, ndarray out."""
