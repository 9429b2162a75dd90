"""Spectra with NumPy."""

import numpy as np
import torch


def power(signal):
    array = signal.detach().cpu().numpy()  # expect: left-the-graph
    return torch.tensor(np.abs(np.fft.rfft(array, axis=-1)) ** 2, dtype=torch.float32)
