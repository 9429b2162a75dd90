"""Pictures of feature maps."""

import numpy as np


def heatmap(features):
    picture = features.detach().numpy()[0].mean(axis=0)
    return (picture - picture.min()) / (np.ptp(picture) + 1e-8)


def normalised(log):
    for values in log.values():
        values.sub_(values.mean()).div_(values.std() + 1e-8)  # expect: alias-write
    return {name: float(values.max()) for name, values in log.items()}
