"""Closures for LBFGS."""


def closure_of(optimizer, loss):
    def closure():
        optimizer.zero_grad()
        loss.backward()  # expect: backward-twice
        return loss

    return closure
