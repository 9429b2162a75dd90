"""Reports made by hand, for the tests of the report's faces: whole, broken, hostile, very large."""

from __future__ import annotations

import math

from tests.flow.samples import BROKEN, HOSTILE, MLP, TRANSFORMER, Mapper, Script
from upriver.flow.model import (
    Access,
    AliasFamily,
    AliasMember,
    Backward,
    Cut,
    Cycle,
    Finding,
    Growth,
    Keeper,
    LeafFlow,
    Memory,
    RaisedError,
    Report,
    River,
    Site,
)


def _healthy_backward(script: Script) -> Backward:
    """Three linear layers and a loss; every gradient arrives."""
    m = Mapper()
    leaves: list[LeafFlow] = []
    stream: list[int] = []
    made = script.at("fc1, fc2, fc3 =")
    for number, (wide, out) in enumerate([(1, 64), (64, 64), (64, 1)], 1):
        at = script.at(f"fc{number}(")
        weight, bias = 3.0 / number**2, 0.4 / number
        pair = []
        for name, shape, value in (
            (f"fc{number}.weight", (out, wide), weight),
            (f"fc{number}.bias", (out,), bias),
        ):
            leaves.append(LeafFlow(name, shape, "float32", "reached", value, created=made))
            pair.append(m.node("leaf", name, module=f"fc{number}", norm=value, shape=shape, site=made))
        kept = [("input", 256 * wide * 4, "weight"), ("weight", out * wide * 4, "input")]
        stream = [
            m.node("operator", "linear", *stream, *pair, module=f"fc{number}", norm=1.2 / number, site=at,
                   bytes=sum(s[1] for s in kept), shape=(256, out), saves=kept)
        ]  # fmt: skip
        if number < 3:
            result = [("result", 256 * out * 4, "input")]
            stream = [
                m.node("operator", "relu", *stream, norm=0.9 / number, site=at, shape=(256, out),
                       bytes=256 * out * 4, saves=result)
            ]  # fmt: skip
    at = script.at("loss = ((y")
    for name in ("sub", "pow", "mean"):
        kept = [("base", 1024, "base")] if name == "pow" else []
        size = 1024 if kept else 0
        stream = [
            m.node("operator", name, *stream, norm=0.4, site=at, shape=(256, 1), bytes=size, saves=kept)
        ]
    m.node("loss", "loss", *stream, norm=1.0, site=at)
    at = script.at("loss.backward()")
    return Backward(at, 200, "loss", leaves, nodes=8, saved_bytes=215_552, river=m.river)


def healthy() -> tuple[Report, dict[str, str]]:
    """Three layers, nothing wrong."""
    script = Script("train.py", MLP)
    backward = _healthy_backward(script)
    keepers = [
        Keeper(script.at("fc2("), "relu", "result", "input", 65_536, 200),
        Keeper(script.at("fc2("), "linear", "input", "weight", 65_536, 200),
        Keeper(script.at("loss = (("), "pow", "base", "base", 1_024, 200),
    ]
    report = Report(
        "upriver", "0.1.0", "train.py", [], 0.61, operators=2_203, steps=200, backwards=[backward],
        memory=Memory(215_552, backward.site, keepers),
    )  # fmt: skip
    return report, {"train.py": MLP}


def _broken_cuts(script: Script) -> list[Cut]:
    """What cuts in the broken script."""
    names = ["encoder.0.weight", "encoder.0.bias", "encoder.2.weight", "encoder.2.bias"]
    at = script.at("h.detach()", "classify")
    return [
        Cut("detach", at, "h: float32[64, 32] made by linear", "detach", 40, names),
        Cut(
            "non-differentiable", script.at("argmax"), "logits: float32[64, 10]", "argmax", 40, intended=True
        ),
        Cut("data", script.at(".data.numpy()"), "head.weight: float32[10, 32]", ".data", 40),
    ]


def _broken_leaves(script: Script, cut: Cut) -> list[LeafFlow]:
    """What became of each leaf's gradient in the broken script."""
    encoder, head = script.at("encoder = "), script.at("head = ")
    shapes = [(64, 28), (64,), (32, 64), (32,)]
    leaves = [
        LeafFlow(name, shape, "float32", "cut", None, [cut], created=encoder)
        for name, shape in zip(cut.leaves, shapes, strict=True)
    ]
    leaves.append(LeafFlow("head.weight", (10, 32), "float32", "reached", 0.8123, created=head))
    leaves.append(LeafFlow("head.bias", (10,), "float32", "reached", 0.0411, created=head))
    step = script.at("temperature.round()", "classify")
    made = script.at("temperature = ")
    leaves.append(LeafFlow("temperature", (), "float32", "structurally-zero", 0.0, [], step, made))
    return leaves


def _broken_river(script: Script) -> River:
    """The map of the broken script: the encoder is dry."""
    m = Mapper()
    encoder, head = script.at("encoder = "), script.at("head = ")
    call, logits = script.at("h = encoder", "classify"), script.at("logits = head", "classify")
    w0 = m.node("leaf", "encoder.0.weight", module="encoder.0", shape=(64, 28), site=encoder)
    b0 = m.node("leaf", "encoder.0.bias", module="encoder.0", shape=(64,), site=encoder)
    h = m.node("operator", "linear", w0, b0, module="encoder.0", site=call, shape=(64, 64))
    h = m.node("operator", "relu", h, module="encoder.1", site=call, shape=(64, 64))
    w2 = m.node("leaf", "encoder.2.weight", module="encoder.2", shape=(32, 64), site=encoder)
    b2 = m.node("leaf", "encoder.2.bias", module="encoder.2", shape=(32,), site=encoder)
    h = m.node("operator", "linear", h, w2, b2, module="encoder.2", site=call, shape=(64, 32))
    h = m.node("cut", "detach", h, site=script.at("h.detach()", "classify"), shape=(64, 32))
    wh = m.node("leaf", "head.weight", module="head", norm=0.8123, shape=(10, 32), site=head)
    bh = m.node("leaf", "head.bias", module="head", norm=0.0411, shape=(10,), site=head)
    saves = [("input", 8192, "weight")]
    h = m.node("operator", "linear", h, wh, bh, module="head", norm=0.31, site=logits, shape=(64, 10),
               bytes=8192, saves=saves)  # fmt: skip
    t = m.node("leaf", "temperature", norm=0.0, site=script.at("temperature = "))
    t = m.node("operator", "round", t, norm=0.0, site=logits)
    saves = [("dividend", 2560, "divisor"), ("divisor", 4, "dividend")]
    h = m.node("operator", "div", h, t, norm=0.31, site=logits, bytes=2564, saves=saves, shape=(64, 10))
    loss = script.at("cross_entropy")
    saves = [("log_probabilities", 2560, "input")]
    h = m.node("operator", "cross_entropy", h, norm=0.5, site=loss, bytes=2560, saves=saves)
    m.node("loss", "loss", h, norm=1.0, site=loss)
    return m.river


def _broken_findings(script: Script, cut: Cut) -> list[Finding]:
    """What a diagnosis would say of the broken script."""
    grows, writes = script.at("history.append"), script.at("scale *= ")
    rounding = Finding(
        "rounding",
        "note",
        script.at("argmax"),
        "argmax has no gradient; nothing here asks for one.",
        "Nothing to mend; mark it `# upriver: cut` to say that it is meant.",
    )
    kept = Finding(
        "kept-graph",
        "warning",
        grows,
        "history keeps the graph of every past iteration alive: 40 graphs, 13.3 kB each.",
        "Append loss.item() or loss.detach() instead.",
        [("graph made here", script.at("cross_entropy"))],
        ["loss"],
        40,
    )
    dry = Finding(
        "cut-parameters",
        "error",
        cut.site,
        "No gradient reaches the 4 parameters of encoder: detach() blocks every path from the loss.",
        "Drop .detach() if the encoder should learn; else leave its parameters out of the optimizer.",
        [("parameters made here", script.at("encoder = ")), ("loss made here", script.at("cross_entropy"))],
        cut.leaves,
        40,
    )
    hidden = Finding(
        "unseen-write",
        "error",
        writes,
        "A write through a NumPy array changes head.weight unseen by autograd.",
        "Write under no_grad: `with up.no_grad(): head.weight.mul_(0.999)`.",
        [("memory shared here", script.at(".data.numpy()"))],
        ["head.weight"],
        40,
    )
    return [rounding, kept, dry, hidden]  # fmt: skip


def broken() -> tuple[Report, dict[str, str]]:
    """Cut parameters, a hidden write, a growing history: each kind of trouble once."""
    script = Script("examples/broken.py", BROKEN)
    cuts = _broken_cuts(script)
    at, logits = script.at("loss.backward()"), script.at("logits = head", "classify")
    leaves = _broken_leaves(script, cuts[0])
    backward = Backward(at, 40, "loss", leaves, 9, 13_316, river=_broken_river(script))
    growth = [Growth("history[...]", script.at("history.append"), 40, 13_316, 1_200_000)]
    keepers = [
        Keeper(logits, "linear", "input", "weight", 8_192, 40),
        Keeper(logits, "div", "dividend", "divisor", 2_560, 40),
        Keeper(script.at("cross_entropy"), "cross_entropy", "log_probabilities", "input", 2_560, 40),
    ]
    head, shared = script.at("head = "), script.at(".data.numpy()")
    family = AliasFamily(
        1_280,
        [
            AliasMember("head.weight", "tensor", (10, 32), 1_280, head),
            AliasMember("", ".data", (10, 32), 1_280, shared, alive=False),
            AliasMember("scale", "ndarray", (10, 32), 1_280, shared),
        ],
        [
            Access("made", ".data", shared),
            Access("made", "numpy()", shared),
            Access("saved", "linear", logits),
            Access("wrote", "*=", script.at("scale *= "), seen=False),
        ],
    )
    report = Report(
        "upriver", "0.1.0", "examples/broken.py", ["--epochs", "1"], 1.84, operators=412, steps=40,
        backwards=[backward], cuts=cuts, aliases=[family],
        memory=Memory(532_640, at, keepers, growth, [Cycle(["w", "w.grad", "MulBackward0", "w"], at)]),
        findings=_broken_findings(script, cuts[0]),
    )  # fmt: skip
    return report, {"examples/broken.py": BROKEN}


def _linear(m: Mapper, at: Site, module: str, source: int, norm: float | None, shape: tuple[int, ...]) -> int:
    """A linear layer and its two leaves."""
    leaves = [
        m.node("leaf", f"{module}.{part}", module=module, norm=norm, shape=shape, site=at)
        for part in ("weight", "bias")
    ]
    return m.node("operator", "linear", source, *leaves, module=module, norm=norm, site=at, bytes=4 << 20,
                  shape=(8, 128, shape[0]), saves=[("input", 4 << 20, "weight")])  # fmt: skip


def _block(m: Mapper, script: Script, name: str, x: int, norm: float | None) -> int:
    """One block of the transformer."""
    inner = f"{name}.attention"
    first, second = script.at("x = x + self"), script.at("return x + self")
    more = {"norm": norm, "shape": (8, 128, 384), "bytes": 1 << 20}
    h = m.node("operator", "layer_norm", x, module=f"{name}.norm1", site=first, **more)
    qkv = _linear(m, script.at("q, k, v"), f"{inner}.qkv", h, norm, (1152, 384))
    at = script.at("scores = ")
    scores = m.node("operator", "matmul", qkv, qkv, module=inner, site=at, **more)
    scores = m.node("operator", "div", scores, module=inner, site=at, **more)
    at = script.at("return self.out")
    scores = m.node("operator", "softmax", scores, module=inner, site=at, **more)
    mixed = m.node("operator", "matmul", scores, qkv, module=inner, site=at, **more)
    out = _linear(m, at, f"{inner}.out", mixed, norm, (384, 384))
    x = m.node("operator", "add", x, out, module=name, site=first, **more)
    h = m.node("operator", "layer_norm", x, module=f"{name}.norm2", site=second, **more)
    h = _linear(m, second, f"{name}.up", h, norm, (1536, 384))
    h = m.node("operator", "gelu", h, module=name, site=second, **more)
    h = _linear(m, second, f"{name}.down", h, norm, (384, 1536))
    return m.node("operator", "add", x, h, module=name, site=second, **more)


def _encoder(script: Script, layers: int, cut_after: int | None) -> tuple[Mapper, list[Cut]]:
    """The river of an encoder of many blocks."""
    m, cuts = Mapper(), []
    at = script.at("x = embed")

    def norm(layer: float) -> float | None:
        return None if cut_after is not None and layer <= cut_after else 10 ** ((layer - layers) / 4)

    words = m.node("leaf", "embed.weight", module="embed", norm=norm(-1), shape=(30522, 384), site=at)
    places = m.node("leaf", "position", norm=norm(-1), shape=(128, 384), site=at)
    x = m.node("operator", "embedding", words, module="embed", norm=norm(-1), site=at)
    x = m.node("operator", "add", x, places, norm=norm(-1), site=at, shape=(8, 128, 384))
    for layer in range(layers):
        x = _block(m, script, f"encoder.layers.{layer}", x, norm(layer))
        if layer == cut_after:
            cuts.append(Cut("detach", script.at("x = block(x)"), "x: float32[8, 128, 384]", "detach"))
            x = m.node("cut", "detach", x, site=script.at("x = block(x)"))
    at = script.at("logits = head")
    x = m.node("operator", "layer_norm", x, module="norm", norm=norm(layers), site=at)
    x = _linear(m, at, "head", x, norm(layers), (30522, 384))
    at = script.at("loss = cross")
    x = m.node("operator", "cross_entropy", x, norm=1.0, site=at, bytes=125 << 20)
    m.node("loss", "loss", x, norm=1.0, site=at)
    return m, cuts


def transformer(layers: int = 12, cut_after: int | None = None) -> tuple[Report, dict[str, str]]:
    """An encoder of many blocks; the gradient fades towards its beginning, or is cut after a block."""
    script = Script("model/encoder.py", TRANSFORMER)
    m, cuts = _encoder(script, layers, cut_after)
    leaves = [
        LeafFlow(n.label, n.shape, "float32", "cut" if n.norm is None else "reached", n.norm,
                 list(cuts) if n.norm is None else [], created=n.site)
        for n in m.river.nodes if n.kind == "leaf"
    ]  # fmt: skip
    for cut in cuts:
        cut.leaves = [leaf.name for leaf in leaves if leaf.status == "cut"]
    backward = Backward(
        script.at("loss.backward"), 3, "loss", leaves, len(m.river.nodes), 910 << 20, river=m.river
    )
    findings = [
        Finding("cut-parameters", "error", cut.site, f"No gradient reaches {len(cut.leaves)} parameters.",
                "Drop .detach() if they should learn.", [], cut.leaves)
        for cut in cuts
    ]  # fmt: skip
    kept = sum(node.bytes for node in m.river.nodes)
    keepers = [
        Keeper(node.site, node.label, "input", "weight", node.bytes) for node in m.river.nodes if node.site
    ]
    keepers.sort(key=lambda keeper: -keeper.bytes)
    report = Report("torch", "2.13.0", "model/encoder.py", [], 12.5, 1_000, 3, [backward], cuts,
                    memory=Memory(kept, backward.site, keepers), findings=findings)  # fmt: skip
    return report, {"model/encoder.py": TRANSFORMER}


def hostile() -> tuple[Report, dict[str, str]]:
    """Every string of the report wants to be more than a string."""
    mean = "".join(HOSTILE)
    at = Site(HOSTILE[0], 1, HOSTILE[1], mean)
    cut = Cut("detach", at, mean, mean, 1, [mean])
    m = Mapper()
    leaf = m.node("leaf", mean, module=mean, norm=math.nan, site=at, shape=(1,))
    dam = m.node("cut", mean, leaf, site=at)
    step = m.node("operator", mean, leaf, dam, module=mean, norm=math.inf, site=at, saves=[(mean, 1, mean)])
    m.node("loss", mean, step, norm=-math.inf, site=at)
    leaves = [
        LeafFlow(mean, (1,), mean, "reached", math.nan, [], at, at, [cut]),
        LeafFlow(mean + "2", (1,), mean, "cut", None, [cut], None, at),
    ]
    backward = Backward(at, 1, mean, leaves, 3, 1, mean, m.river)
    family = AliasFamily(1, [AliasMember(mean, mean, (1,), 1, at)], [Access("wrote", mean, at, False)], mean)
    memory = Memory(
        1, at, [Keeper(at, mean, mean, mean, 1)], [Growth(mean, at, 2, 3, 4)], [Cycle([mean], at)]
    )
    findings = [Finding(mean, "error", at, mean, mean, [(mean, at)], [mean])]
    report = Report("torch", mean, mean, [mean], 1.0, 1, 1, [backward], [cut], [family], memory, findings,
                    RaisedError(mean, mean, at, mean))  # fmt: skip
    return report, {HOSTILE[0]: mean}


def huge(operators: int = 10_000, modules: int = 50) -> tuple[Report, dict[str, str]]:
    """As many pools as operators, each on a line of its own, in nested modules."""
    text = "\n".join(f"    h_{n} = layer_{n}(h_{n - 1}, weight_{n}).relu()" for n in range(operators))
    m = Mapper()
    stream: list[int] = []
    leaves: list[LeafFlow] = []
    for n in range(operators):
        group = n * modules // operators
        module = f"net.stage{group // 10}.block{group}"
        norm = math.exp(-((operators - n) / operators) * 9)
        site = Site("generated/net.py", n + 1, "forward", f"h_{n} = layer_{n}(h_{n - 1})")
        if n % 20 == 0:
            name = f"{module}.weight_{n}"
            leaves.append(LeafFlow(name, (64, 64), "float32", "reached", norm, created=site))
            stream.append(m.node("leaf", name, module=module, norm=norm, shape=(64, 64), site=site))
        stream = [m.node("operator", "relu", *stream, module=module, norm=norm, site=site, bytes=4096 + n,
                         shape=(16, 64), saves=[("result", 4096 + n, "input")])]  # fmt: skip
    last = Site("generated/net.py", operators, "forward", "loss.backward()")
    m.node("loss", "loss", *stream, norm=1.0, site=last)
    backward = Backward(
        last, 1, "loss", leaves, operators, sum(n.bytes for n in m.river.nodes), river=m.river
    )
    keepers = [
        Keeper(n.site, "relu", "result", "input", n.bytes) for n in m.river.nodes[::-1] if n.bytes and n.site
    ]
    report = Report("upriver", "0.1.0", "generated/net.py", [], 4.2, operators, 1, [backward],
                    memory=Memory(backward.saved_bytes, last, keepers))  # fmt: skip
    return report, {"generated/net.py": text}
