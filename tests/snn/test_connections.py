"""Convolutions by matrix products, against those of the library."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.connections import Conv1d, MatrixProducts, same_convolution
from tests.snn.convolutions import CASES, agree_with_the_library, arrays, each_precision

FEW_CHANNELS = list(CASES)[:9]


def plain(conv, w, x):
    """A convolution of any kind, without the flipped kernel."""
    return conv.apply(conv.matrix(w), x)


def one_way(conv, w):
    return partial(plain, conv, w)


@pytest.mark.parametrize("case", FEW_CHANNELS, ids=FEW_CHANNELS)
def test_values_and_gradients_are_those_of_the_library(case):
    agree_with_the_library(one_way, CASES[case], jnp.float64, 1e-12)


@each_precision
def test_the_other_way_is_another_where_lengths_are_kept(dtype, error):
    """Elsewhere it is the one above."""
    agree_with_the_library(MatrixProducts(), CASES["recurrent, in pairs"], dtype, error)


def test_the_tile_changes_nothing_but_the_cost():
    _, w, x, _ = arrays((5, 1, 2, 1, 7, 3, 4))
    results = jax.jit(lambda w, x: [plain(Conv1d(5, 1, 2, n), w, x) for n in (1, 2, 3, 7, 20)])(
        w, x
    )
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], atol=1e-13)
    # Rows: the tile's features; columns: the inputs that any of its outputs sees, and no others.
    assert Conv1d(5, 1, 2, 2).matrix(w).shape == (2 * 4, 6 * 3)
    assert Conv1d(5, 3, 0, 2).matrix(w).shape == (2 * 4, 8 * 3)


@pytest.mark.parametrize("tile", [1, 3])
def test_derivatives_through_the_flipped_kernel_are_those_of_the_convolution(tile):
    """First ones in both modes, second ones, and of a batch by vmap; not those of the kernel."""
    _, w, x, direction = arrays((5, 1, 2, tile, 11, 3, 3))
    conv = Conv1d(5, 1, 2, tile)

    def by_flipping(w, x):
        return MatrixProducts()(conv, w)(x)

    def unflipped(w, x):
        return same_convolution(conv, (conv.matrix(w), conv.matrix(w)), x)

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
            derivatives(function) for function in (partial(plain, conv), by_flipping, unflipped)
        ]
    )()
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-11)
    # The value and the derivative by the weights do not need the flipped kernel; all else does.
    differ = [np.abs(a - b).max() > 0.1 for a, b in zip(wrong, expected, strict=True)]
    assert differ[:4] == [False, True, False, True] and all(differ[5:8])


@pytest.mark.parametrize("conv", [Conv1d(5, 2, 2), Conv1d(4, 1, 2), Conv1d(5, 1, 1)])
def test_no_kernel_is_flipped_where_that_is_not_the_transpose(conv):
    assert MatrixProducts()(conv, jnp.ones((conv.kernel, 3, 3))).func == conv.apply


def test_inputs_beyond_the_last_window_have_no_effect():
    conv, w, x, _ = arrays(CASES["second layer, last inputs unused"])
    assert (x.shape[-2] - conv.kernel) % conv.stride == 1
    call = jax.jit(partial(plain, conv))
    np.testing.assert_array_equal(call(w, x), call(w, x.at[..., -1, :].set(1e9)))
    assert (call(w, x) != call(w, x.at[..., -2, :].set(1e9))).any()
