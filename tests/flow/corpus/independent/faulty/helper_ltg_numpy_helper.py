import numpy as np
import torch


def spectrum(t):
    arr = t.detach().cpu().numpy()  # expect: left-the-graph, also: no-history, also: unreached-parameter, also: built-then-dropped
    return np.abs(np.fft.rfft(arr, axis=-1))


def spectral_distance(a, b):
    diff = spectrum(a) - spectrum(b)
    return torch.as_tensor(diff ** 2).mean()  # or: left-the-graph
