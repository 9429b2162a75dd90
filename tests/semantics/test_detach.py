"""detach, detach_, clone and .data: what is shared, what is cut."""

from __future__ import annotations

from typing import Any

import pytest

NO_HISTORY = "element 0 of tensors does not require grad and does not have a grad_fn"


def test_detach_is_a_leaf_that_shares_storage_and_version(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = x * 2
    d = y.detach()
    assert not d.requires_grad and d.grad_fn is None and d.is_leaf
    assert not d._is_view() and d._base is None
    assert d.data_ptr() == y.data_ptr()
    d[0] = 10.0
    assert y.tolist() == [10.0, 4.0, 6.0] and y._version == d._version == 1
    y.detach()[1] = 20.0
    assert d._version == 2
    observe(y=y, d=d)


def test_write_through_a_detached_alias_of_a_leaf(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    d = x.detach()
    d[0] = 10.0
    assert x.tolist() == [10.0, 2.0, 3.0] and x._version == 1
    observe(x=x, d=d)


def test_detached_clone_is_independent(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    for copy in (x.detach().clone(), x.clone().detach()):
        copy[0] = 10.0
        assert x.tolist() == [1.0, 2.0] and x._version == 0
        observe(copy=copy, x=x)


def test_clone_stays_connected(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    c = x.clone()
    assert c.grad_fn is not None and c.data_ptr() != x.data_ptr()
    c.mul_(3).sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]
    observe(x=x, c=c)


def test_backward_on_a_detached_result(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    w = (x * 2).detach() * 3
    with observe.raises(RuntimeError, NO_HISTORY):
        w.backward()
    with observe.raises(RuntimeError, NO_HISTORY):
        w.sum().backward()
    assert x.grad is None


def test_detach_is_a_constant_in_the_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x.detach() * x).sum().backward()
    assert x.grad.tolist() == [1.0, 2.0, 3.0]
    observe(x=x)


def test_a_write_through_a_detached_alias_is_noticed(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    z = y * y
    y.detach().mul_(2)
    with observe.raises(
        RuntimeError, "one of the variables needed for gradient computation has been modified by"
    ):
        z.sum().backward()
    assert x.grad is None


def test_data_shares_values_but_not_the_version(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1
    alias = y.data
    alias[0] = 10.0
    assert alias._version == 1 and y._version == 0
    assert y.tolist() == [10.0, 2.0] and alias.is_leaf and not alias.requires_grad
    observe(y=y, alias=alias)


def test_writes_through_data_leave_a_silently_wrong_gradient(lib: Any, observe: Any) -> None:
    x = lib.tensor([0.0], requires_grad=True)
    s = lib.sigmoid(x)
    s.data.zero_()
    s.backward()
    assert x.grad.tolist() == [0.0]
    observe(x=x)


def test_data_assignment_swaps_the_storage(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0, 3.0], requires_grad=True)
    before = x.detach()
    x.data = lib.tensor([7.0, 8.0])
    assert x.tolist() == [7.0, 8.0] and x.requires_grad and x.is_leaf
    assert before.tolist() == [1.0, 2.0, 3.0]
    observe(x=x)


def test_data_assignment_keeps_to_floating_types(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with observe.raises(
        RuntimeError, "data set to a tensor that requires gradients must be floating point or complex dtype"
    ):
        x.data = lib.tensor([1, 2])
    assert x.tolist() == [1.0, 2.0]


def test_detach_in_place(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert y.detach_() is y
    assert y.is_leaf and not y.requires_grad and y.grad_fn is None
    observe(y=y)


def test_detach_in_place_refuses_views(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    view = (x * 2)[:1]
    with observe.raises(RuntimeError, "Can't detach views in-place. Use detach() instead."):
        view.detach_()
    assert view.requires_grad


def test_detach_in_place_of_what_a_consumer_saved(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y * y
    y.detach_()
    with observe.raises(
        RuntimeError, "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_()"
    ):
        z.sum().backward()


def test_detach_in_place_of_what_its_producer_saved(lib: Any, observe: Any) -> None:
    x = lib.tensor([0.0, 0.0], requires_grad=True)
    y = lib.exp(x)
    z = y + 1
    y.detach_()
    z.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    observe(x=x, y=y)


def test_shape_changes_of_a_detached_alias_do_not_reach_the_original(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    d = x.detach()
    d.unsqueeze_(0)
    assert d.shape == (1, 2) and x.shape == (2,)
    observe(x=x, d=d)


def test_detach_frees_the_graph_but_not_the_storage(lib: Any) -> None:
    import gc
    import weakref

    class Token:
        pass

    token = Token()
    x = lib.ones(3, requires_grad=True)
    y = x * 2
    y.grad_fn.register_hook(lambda *_, kept=token: None)
    alive = weakref.ref(token)
    del token
    d = y.detach()
    del y
    gc.collect()
    assert alive() is None
    assert d.untyped_storage().nbytes() == 12
    piece = lib.zeros(1000)[:2]
    assert piece.untyped_storage().nbytes() == 4000


def test_tensor_of_a_tensor_copies_cuts_and_warns(lib: Any, observe: Any) -> None:
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with pytest.warns(UserWarning, match="To copy construct from a tensor, it is recommended to use"):
        y = lib.tensor(x)
    y[0] = 5.0
    assert not y.requires_grad and x.tolist() == [1.0, 2.0]
    observe(y=y)
