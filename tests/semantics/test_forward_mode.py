"""Forward mode: who carries a tangent, what it is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest


def dual(lib: Any, requires_grad: bool = False) -> Any:
    """[1, 2, 3] moving in direction [1, 0, 2]."""
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=requires_grad)
    return lib.autograd.forward_ad.make_dual(x, lib.tensor([1.0, 0.0, 2.0]))


def tangent(lib: Any, t: Any) -> Any:
    """The tangent as a list, or None."""
    found = lib.autograd.forward_ad.unpack_dual(t).tangent
    return None if found is None else found.tolist()


@pytest.fixture
def level(lib: Any) -> Any:
    """A dual level around the test."""
    with lib.autograd.forward_ad.dual_level():
        yield


@pytest.mark.usefixtures("level")
def test_who_carries_a_tangent(lib: Any, observe: Any) -> None:
    x = dual(lib)
    detached = x.clone()
    detached.detach_()
    with lib.inference_mode():
        inferred = tangent(lib, x * 3)
    found = [
        tangent(lib, t)
        for t in (
            x, x * 3, x.exp().sum(), x.clone(), x.detach(), x.data, detached, x[1:], x.view(3, 1), x > 1,
            x.int(), x.argmax(), x.sign(), x.floor(), lib.zeros_like(x), x.sort().values, lib.stack([x, x *
            2]), x.unbind()[2], x.chunk(3)[0], x.double(), lib.where(x > 1, x, 0 * x), x.expand(2, 3),
        )
    ]  # fmt: skip
    observe(found=[*found, inferred])
    with lib.no_grad():
        assert tangent(lib, x * x) == [2.0, 0.0, 12.0]


@pytest.mark.usefixtures("level")
def test_the_dual_is_a_view_of_its_value(lib: Any, observe: Any) -> None:
    x, v = lib.tensor([1.0, 2.0]), lib.tensor([3.0, 4.0])
    made = lib.autograd.forward_ad.make_dual(x, v)
    primal, kept = lib.autograd.forward_ad.unpack_dual(made)
    assert kept is v and made._base is x and primal._is_view()
    assert (
        tangent(lib, primal) is None and tangent(lib, primal * 2) is None and tangent(lib, primal[:1]) is None
    )
    observe(made=made, text=repr(made), unpacked=type(lib.autograd.forward_ad.unpack_dual(made)).__name__)
    wide = lib.ones(2, 3)
    other = lib.ones(3, 2).t()
    kept = lib.autograd.forward_ad.unpack_dual(lib.autograd.forward_ad.make_dual(wide, other)).tangent
    assert kept is not other and kept.is_contiguous()


@pytest.mark.usefixtures("level")
def test_writes_in_place_write_both(lib: Any, observe: Any) -> None:
    found = []
    for write in (
        lambda y, x: y.zero_(),
        lambda y, x: y.fill_(2),
        lambda y, x: y.mul_(x),
        lambda y, x: y.exp_(),
        lambda y, x: y[1:].mul_(2),
        lambda y, x: y.copy_(x * 2),
        lambda y, x: y.__setitem__(0, x[2]),
        lambda y, x: y.__setitem__(lib.tensor([0, 0]), x[1:]),
        lambda y, x: y.unsqueeze_(0),
        lambda y, x: y[:2].detach().zero_(),
    ):
        x = dual(lib)
        y = x.clone()
        view = y[:2]
        write(y, x)
        found.append([y.tolist(), tangent(lib, y), tangent(lib, view), tangent(lib, x)])
    observe(found=found)


@pytest.mark.usefixtures("level")
def test_a_constant_becomes_dual_by_a_write(lib: Any, observe: Any) -> None:
    x, whole, plain = dual(lib), lib.zeros(4), lib.ones(3)
    early = whole[1:]
    early.copy_(x)
    plain.mul_(x)
    filled = lib.zeros(2)
    filled[0] = x[2]
    observe(found=[tangent(lib, t) for t in (whole, early, whole[:2], plain, filled)])


@pytest.mark.usefixtures("level")
def test_backward_through_tangents_and_tangents_of_gradients(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    weight = dual(lib)
    made = lib.autograd.forward_ad.make_dual(x, lib.tensor([1.0, 0.0, 2.0]))
    loss = (made**3 * weight).sum()
    over_reverse = lib.autograd.grad(loss, x, retain_graph=True)[0]
    pushed = lib.autograd.forward_ad.unpack_dual(loss).tangent
    over_forward = lib.autograd.grad(pushed, x, retain_graph=True)[0]
    loss.backward()
    observe(found=[tangent(lib, over_reverse), over_forward.tolist(), tangent(lib, x.grad), pushed.item()])


@pytest.mark.usefixtures("level")
def test_gradients_flow_to_the_tangent(lib: Any) -> None:
    direction = lib.tensor([1.0, 1.0], requires_grad=True)
    x = lib.autograd.forward_ad.make_dual(lib.tensor([2.0, 3.0]), direction)
    pushed = lib.autograd.forward_ad.unpack_dual(x * x).tangent
    assert lib.autograd.grad(pushed.sum(), direction)[0].tolist() == [4.0, 6.0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place"):
        x.mul_(2)


def test_the_level_ends_all_tangents(lib: Any) -> None:
    forward_ad = lib.autograd.forward_ad
    with forward_ad.dual_level():
        x = dual(lib)
        y = x * 2
    assert forward_ad.unpack_dual(y) == (y, None)
    with forward_ad.dual_level():
        assert tangent(lib, y) is None and tangent(lib, x) is None
    assert forward_ad.enter_dual_level() == 0
    forward_ad.exit_dual_level(level=0)

    @forward_ad.dual_level()
    def pushed() -> Any:
        return tangent(lib, dual(lib) * 2)

    assert pushed() == [2.0, 0.0, 4.0]


def test_refusals(lib: Any, observe: Any) -> None:
    forward_ad, x = lib.autograd.forward_ad, lib.ones(3)
    with observe.raises(RuntimeError, "Trying to create a dual Tensor for forward AD but no level exists"):
        forward_ad.make_dual(x, x)
    with observe.raises(RuntimeError, "Dual level must be a positive number."):
        forward_ad.exit_dual_level()
    with observe.raises(RuntimeError, "Trying to exit a forward AD level that was not the last one"):
        forward_ad.exit_dual_level(level=3)
    with forward_ad.dual_level():
        made = forward_ad.make_dual(x, x)
        with observe.raises(RuntimeError, "Nested forward mode AD is not supported at the moment"):
            forward_ad.enter_dual_level()
        with observe.raises(
            ValueError, "Expected primal to be floating point or complex, but got: torch.int64"
        ):
            forward_ad.make_dual(lib.ones(3, dtype=lib.int64), x)
        with observe.raises(
            ValueError, "Expected tangent to be floating point or complex, but got: torch.bool"
        ):
            forward_ad.make_dual(x, x > 0)
        with observe.raises(
            RuntimeError, "Making a dual Tensor based on a Tensor that already has a forward"
        ):
            forward_ad.make_dual(made, x)
        with observe.raises(RuntimeError, "Invalid level given to _make_dual"):
            forward_ad.make_dual(x, x, level=2)
        with observe.raises(
            TypeError, "_unpack_dual(): argument 'dual' (position 1) must be Tensor, not int"
        ):
            forward_ad.unpack_dual(3)
        with observe.raises(
            NotImplementedError, "Trying to use forward AD with mul_out that does not support"
        ):
            lib.mul(made, 2, out=lib.empty(3))


def function(lib: Any, **methods: Any) -> Any:
    """A custom Function that doubles, unless told otherwise."""
    parts = {"forward": lambda ctx, x: x * 2, "backward": lambda ctx, g: g * 2, **methods}
    return type("Own", (lib.autograd.Function,), {name: staticmethod(f) for name, f in parts.items()})


@pytest.mark.usefixtures("level")
def test_a_custom_function_has_its_own_jvp(lib: Any, observe: Any) -> None:
    seen = []

    def forward(ctx: Any, x: Any, factor: float, y: Any) -> Any:
        ctx.save_for_forward(x, y)
        ctx.save_for_backward(x, y)
        seen.append(tangent(lib, x))
        return x * factor * y, y * 1

    def jvp(ctx: Any, x_t: Any, factor: None, y_t: Any) -> Any:
        x, y = ctx.saved_tensors
        seen.append([x_t.tolist(), factor, y_t.tolist()])
        return 5 * (x_t * y + x * y_t), y_t * 1

    def backward(ctx: Any, g: Any, h: Any) -> Any:
        x, y = ctx.saved_tensors
        return 5 * g * y, None, 5 * g * x + h

    own = function(lib, forward=forward, jvp=jvp, backward=backward)
    x = dual(lib, requires_grad=True)
    made = own.apply(x, 5.0, lib.ones(3) * 2)
    gradient = lib.autograd.grad((made[0] * x).sum(), x)[0]
    observe(found=[tangent(lib, made[0]), tangent(lib, made[1]), tangent(lib, gradient)], seen=seen)


@pytest.mark.usefixtures("level")
def test_a_custom_function_refuses(lib: Any, observe: Any) -> None:
    def doubled(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(2)

    with observe.raises(
        NotImplementedError, "You must implement the jvp function for custom autograd.Function"
    ):
        function(lib).apply(dual(lib))
    with observe.raises(RuntimeError, "expected Variable or None (got float) for grad output 0."):
        function(lib, jvp=lambda ctx, t: 1.0).apply(dual(lib))
    with observe.raises(
        RuntimeError, "Function's jvp returned an invalid number of forward gradients (expected 1"
    ):
        function(lib, jvp=lambda ctx, t: (t, t)).apply(dual(lib))
    with observe.raises(RuntimeError, "Trying to set a forward gradient that has a different size than that"):
        function(lib, jvp=lambda ctx, t: t[:2]).apply(dual(lib))
    with observe.raises(
        RuntimeError, "An inplace custom Function is not modifying the forward mode gradients"
    ):
        function(lib, forward=doubled, jvp=lambda ctx, t: t * 2).apply(dual(lib).clone())
    with observe.raises(
        RuntimeError, "A custom Function's forward is returning a view (or an input as-is) but"
    ):
        function(lib, forward=lambda ctx, x: x.view(3), jvp=lambda ctx, t: t * 2).apply(dual(lib))
    written = function(lib, forward=doubled, jvp=lambda ctx, t: t.mul_(2)).apply(dual(lib).clone())
    assert tangent(lib, written) == [2.0, 0.0, 4.0]


@pytest.mark.usefixtures("level")
def test_a_network(lib: Any, observe: Any) -> None:
    """Layers in forward mode, against PyTorch: tangents of inputs, and of parameters put into a module."""
    F = lib.nn.functional
    x = lib.arange(16.0).reshape(1, 1, 4, 4) / 10
    image = lib.autograd.forward_ad.make_dual(x, x.cos())
    kernel = lib.arange(8.0).reshape(2, 1, 2, 2) / 8 - 0.4
    hidden = F.relu(F.conv2d(image, lib.autograd.forward_ad.make_dual(kernel, kernel.sin())))
    running = [lib.zeros(2), lib.ones(2)]
    normed = F.batch_norm(hidden, *running, training=True)
    pooled = F.avg_pool2d(F.max_pool2d(normed, 2, 1), 2)
    scores = F.layer_norm(pooled.flatten(1), (2,)) + pooled.flatten(1)
    attended = F.scaled_dot_product_attention(hidden[:, 0], hidden[:, 1], hidden[:, 0])
    loss = F.cross_entropy(scores, lib.tensor([1])) + F.softmax(attended, -1).pow(2).sum()
    layer = lib.nn.Linear(2, 2, bias=False)
    weight = lib.autograd.forward_ad.make_dual(lib.ones(2, 2), lib.eye(2))
    del layer.weight
    layer.weight = weight
    parts = [hidden, normed, pooled, scores, attended, loss, layer(scores), *running]
    observe(found=[tangent(lib, t) for t in parts])


# -- beyond PyTorch ------------------------------------------------------------------------------------------


def test_a_level_belongs_to_its_thread(up: Any) -> None:
    import threading

    seen: list[Any] = []
    with up.autograd.forward_ad.dual_level():
        x = dual(up)
        thread = threading.Thread(target=lambda: seen.append(tangent(up, x * 2)))
        thread.start()
        thread.join()
        assert seen == [None] and tangent(up, x * 2) == [2.0, 0.0, 4.0]


def test_a_tangent_goes_with_its_tensor(up: Any) -> None:
    import weakref

    with up.autograd.forward_ad.dual_level():
        x = dual(up)
        y = x * 2
        direction = weakref.ref(up.autograd.forward_ad.unpack_dual(y).tangent)
        del y
        assert direction() is None and tangent(up, x) is not None


def test_a_cut_in_a_level_is_named(up: Any) -> None:
    with up.autograd.forward_ad.dual_level():
        loss = (dual(up, requires_grad=True) > 1).float().sum()
    with pytest.raises(RuntimeError, match=r"cut: gt\(\) \(not differentiable\) of"):
        loss.backward()


def test_a_dual_checkpoint(up: Any) -> None:
    with up.autograd.forward_ad.dual_level():
        x = dual(up, requires_grad=True)
        y = up.utils.checkpoint.checkpoint(lambda t: (t * t).exp(), x, use_reentrant=False)
        assert up.allclose(
            up.autograd.forward_ad.unpack_dual(y).tangent,
            2 * x.detach() * y.detach() * up.tensor([1.0, 0, 2]),
        )
        (g,) = up.autograd.grad(y.sum(), x)
        plain = (x * x).exp()
        (h,) = up.autograd.grad(plain.sum(), x)
        assert tangent(up, g) == pytest.approx(tangent(up, h))
