"""Convolutions of both kinds, against the library's convolution and a plain loop."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.connections import Conv1d, same_convolution, with_flipped_kernel
from snn.event_driven import event_driven
from tests.snn.compiler import needs_compiler

# kernel, stride, padding, tile, inputs, channels in, channels out
CASES = {
    "first layer of figure 7": (21, 10, 0, 1, 121, 1, 4),
    "second layer, last inputs unused": (7, 3, 0, 1, 23, 3, 4),
    "recurrent, in pairs": (5, 1, 2, 2, 21, 3, 3),
    "recurrent, whole line": (5, 1, 2, 5, 5, 3, 3),
    "tile longer than the line": (3, 2, 1, 9, 8, 2, 3),
    "tile of three, does not divide the line": (4, 2, 1, 3, 17, 2, 3),
    "stride beyond the kernel": (2, 5, 0, 2, 23, 2, 2),
    "pointwise": (1, 1, 0, 4, 10, 3, 2),
    "one output": (6, 4, 0, 1, 9, 2, 3),
    # For compiled sums: channels of whole vectors, of vectors and more, lines of one tile and more.
    "recurrent, one vector": (5, 1, 2, 2, 68, 16, 16),
    "recurrent, four vectors": (5, 1, 2, 1, 5, 64, 64),
    "second layer of figure 7": (7, 3, 0, 1, 68, 16, 32),
    "vectors and single channels": (3, 2, 1, 1, 9, 37, 13),
    "stride beyond a line of two": (3, 4, 1, 1, 2, 100, 3),
    "stride beyond the kernel, one vector": (2, 5, 0, 1, 23, 16, 16),
}
HOW = [
    pytest.param(lambda conv: conv, id="matrix products"),
    pytest.param(
        lambda conv: lambda w, x: event_driven(conv, w)(x), id="event-driven", marks=needs_compiler
    ),
]
each_way = pytest.mark.parametrize("how", HOW)
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def arrays(case):
    """Weights, an input with two batch axes, and a cotangent for its output."""
    kernel, stride, padding, tile, n_in, channels, features = case
    conv = Conv1d(kernel, stride, padding, tile)
    rng = np.random.default_rng(0)
    shapes = (
        (kernel, channels, features),
        (2, 3, n_in, channels),
        (2, 3, conv.n_out(n_in), features),
    )
    w, x, cotangent = (jnp.asarray(rng.normal(size=shape)) for shape in shapes)
    # Three in ten inputs are not 0: both kinds of sums meet both.
    return conv, w, x * (rng.uniform(size=x.shape) < 0.3), cotangent


def library(conv, w, x):
    """The same convolution by `jax.lax`."""
    y = jax.lax.conv_general_dilated(
        x.reshape(-1, *x.shape[2:]),
        w,
        (conv.stride,),
        [(conv.padding, conv.padding)],
        dimension_numbers=("NWC", "WIO", "NWC"),
    )
    return y.reshape(*x.shape[:2], *y.shape[1:])


@each_way
@each_case
@pytest.mark.parametrize("dtype, error", [(jnp.float64, 1e-12), (jnp.float32, 1e-4)])
def test_values_and_gradients_are_those_of_the_library(case, how, dtype, error):
    conv, *numbers = arrays(case)
    w, x, cotangent = (a.astype(dtype) for a in numbers)

    def both(w, x):
        for function in (how(conv), lambda w, x: library(conv, w, x)):
            y, reverse = jax.vjp(function, w, x)
            yield y, *reverse(cotangent)

    ours, theirs = jax.jit(lambda w, x: tuple(both(w, x)))(w, x)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=error, atol=error)


@each_way
def test_it_is_the_sum_of_the_equation(how):
    """And not a convolution with the kernel turned round."""
    conv, w, x, _ = arrays((5, 2, 2, 2, 11, 3, 4))
    expected = np.zeros((2, 3, conv.n_out(11), 4))
    for o in range(expected.shape[2]):
        for k in range(5):
            i = 2 * o + k - 2
            if 0 <= i < 11:
                expected[:, :, o] += x[:, :, i] @ w[k]
    call = jax.jit(how(conv))
    np.testing.assert_allclose(call(w, x), expected, atol=1e-12)
    assert np.abs(call(w[::-1], x) - expected).max() > 0.1


def test_the_tile_changes_nothing_but_the_cost():
    _, w, x, _ = arrays((5, 1, 2, 1, 7, 3, 4))
    results = jax.jit(lambda w, x: [Conv1d(5, 1, 2, n)(w, x) for n in (1, 2, 3, 7, 20)])(w, x)
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], atol=1e-13)
    # Rows: the tile's features; columns: the inputs that any of its outputs sees, and no others.
    assert Conv1d(5, 1, 2, 2).matrix(w).shape == (2 * 4, 6 * 3)
    assert Conv1d(5, 3, 0, 2).matrix(w).shape == (2 * 4, 8 * 3)


def test_a_matrix_serves_many_inputs_and_any_batch():
    conv, w, x, _ = arrays(CASES["recurrent, in pairs"])

    @jax.jit
    def applied(w, x):
        matrix = conv.matrix(w)
        return conv(w, x), conv.apply(matrix, x), conv.apply(matrix, x[0, 1])

    whole, again, one = applied(w, x)
    np.testing.assert_array_equal(whole, again)
    np.testing.assert_allclose(whole[0, 1], one, atol=1e-13)


@pytest.mark.parametrize("tile", [1, 2, 3])
def test_derivatives_through_the_flipped_kernel_are_those_of_the_convolution(tile):
    """First ones in both modes, second ones, and of a batch by vmap; not those of the kernel."""
    _, w, x, direction = arrays((5, 1, 2, tile, 11, 3, 3))
    conv = Conv1d(5, 1, 2, tile)

    def by_flipping(w, x, flip=lambda matrices: matrices):
        return same_convolution(conv, flip(with_flipped_kernel(conv, w)), x)

    def derivatives(function):
        loss = lambda w, x: jnp.sum(jnp.sin(function(w, x)))  # noqa: E731
        grad = jax.grad(loss, (0, 1))
        tangents = jnp.cos(w), direction
        one = jax.vmap(jax.vmap(jax.grad(loss, (0, 1)), (None, 0)), (None, 0))
        return (
            *jax.jvp(function, (w, x), tangents),
            *grad(w, x),
            *jax.tree.leaves(jax.jvp(grad, (w, x), tangents)),
            *jax.tree.leaves(jax.grad(lambda w, x: jnp.sum(grad(w, x)[1] ** 3), (0, 1))(w, x)),
            *one(w, x),
        )

    expected, got, wrong = jax.jit(
        lambda: [
            derivatives(function)
            for function in (
                conv,
                by_flipping,
                partial(by_flipping, flip=lambda matrices: (matrices[0], matrices[0])),
            )
        ]
    )()
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-11)
    # The value and the derivative by the weights do not need the flipped kernel; all else does.
    differ = [np.abs(a - b).max() > 0.1 for a, b in zip(wrong, expected, strict=True)]
    assert differ[:4] == [False, True, False, True] and all(differ[5:8])


@pytest.mark.parametrize("conv", [Conv1d(5, 2, 2), Conv1d(4, 1, 2), Conv1d(5, 1, 1)])
def test_a_flipped_kernel_is_refused_where_it_is_not_the_transpose(conv):
    with pytest.raises(ValueError, match="expected an odd kernel, a stride of 1"):
        with_flipped_kernel(conv, jnp.ones((conv.kernel, 3, 3)))


def test_inputs_beyond_the_last_window_have_no_effect():
    conv, w, x, _ = arrays(CASES["second layer, last inputs unused"])
    assert (x.shape[-2] - conv.kernel) % conv.stride == 1
    call = jax.jit(conv)
    np.testing.assert_array_equal(call(w, x), call(w, x.at[..., -1, :].set(1e9)))
    assert (call(w, x) != call(w, x.at[..., -2, :].set(1e9))).any()


@pytest.mark.parametrize(
    "kernel, stride, padding, n_in, n_out",
    [(21, 10, 0, 700, 68), (7, 3, 0, 68, 21), (7, 3, 0, 21, 5), (5, 1, 2, 68, 68), (4, 1, 0, 4, 1)],
)
def test_number_of_outputs(kernel, stride, padding, n_in, n_out):
    assert Conv1d(kernel, stride, padding).n_out(n_in) == n_out


def test_error_message_of_a_line_that_is_too_short():
    message = (
        "Conv1d: got 4 positions, expected at least 5 for a kernel of 7 and a padding of 1.*Use"
    )
    with pytest.raises(ValueError, match=message):
        Conv1d(7, 3, 1).n_out(4)


@pytest.mark.parametrize(
    "wrong", [{"kernel": 0}, {"stride": 0}, {"stride": -1}, {"stride": 10**12}, {"padding": -1}]
)
def test_a_convolution_that_is_none_is_refused(wrong):
    ((name, value),) = wrong.items()
    with pytest.raises(
        ValueError, match=rf"Conv1d\.{name}: got {value}, expected positions, \d to"
    ):
        Conv1d(**{"kernel": 5, **wrong})
