"""Convolutions of all kinds, and what any way to compute them must give."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from snn.connections import Conv1d

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
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
each_precision = pytest.mark.parametrize(
    "dtype, error", [(jnp.float64, 1e-12), (jnp.float32, 1e-4)]
)


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
    """A convolution by `jax.lax`."""
    y = jax.lax.conv_general_dilated(
        x.reshape(-1, *x.shape[-2:]),
        w,
        (conv.stride,),
        [(conv.padding, conv.padding)],
        dimension_numbers=("NWC", "WIO", "NWC"),
    )
    return y.reshape(*x.shape[:-2], *y.shape[1:])


def agree_with_the_library(convolve, case, dtype, error):
    """Compare values and both gradients."""
    conv, *numbers = arrays(case)
    w, x, cotangent = (a.astype(dtype) for a in numbers)

    def both(w, x):
        for function in (lambda w, x: convolve(conv, w)(x), lambda w, x: library(conv, w, x)):
            y, reverse = jax.vjp(function, w, x)
            yield y, *reverse(cotangent)

    ours, theirs = jax.jit(lambda w, x: tuple(both(w, x)))(w, x)
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=error, atol=error)
