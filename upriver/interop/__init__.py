"""The doors to other libraries: weights on disk (safetensors), SciPy's minimisers; imported on use."""
