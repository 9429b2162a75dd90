from torch import nn

MODELS = {}


def register(name):
    def deco(fn):
        MODELS[name] = fn
        return fn
    return deco


@register("mlp")
def mlp(i, o, h=16):
    return nn.Sequential(nn.Linear(i, h), nn.ReLU(), nn.Dropout(0.1), nn.Linear(h, o))


@register("linear")
def linear(i, o):
    return nn.Linear(i, o)
