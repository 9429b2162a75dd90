"""Constraints on weights."""


def max_norm(weight, limit=1.0):
    norms = weight.data.norm(dim=1, keepdim=True)
    weight.data.mul_((limit / norms).clamp(max=1.0))  # expect: stale-saved-value
