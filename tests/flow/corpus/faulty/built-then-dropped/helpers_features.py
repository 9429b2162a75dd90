"""Features of images."""

from torch import nn

extractor = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU(), nn.Conv2d(16, 4, 3), nn.ReLU(), nn.Flatten())


def extract(images):
    features = extractor(images)
    return features.detach()  # expect: built-then-dropped
