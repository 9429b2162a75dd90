def track(t):
    """Ask autograd to follow t."""
    if not t.requires_grad:
        t.requires_grad = True  # expect: late-requires-grad
    return t
