"""Loss functions shared by several scripts."""
import torch.nn.functional as F


def _limit(t):
    return t.detach().clamp(-5, 5)  # expect: no-history, also: unreached-parameter, also: built-then-dropped


def smooth_loss(pred, target):
    return F.smooth_l1_loss(_limit(pred), target)
