r"""Convolution of spike trains along a line of positions, as matrix products.

.. math::
    y_{o} = \sum_{k} x_{o \cdot stride + k - padding}\, w_k

On a CPU a convolution inside a loop over time is slow, a matrix product is not. The line is cut
into tiles of neighbouring outputs. All outputs of a tile depend on one window of inputs, by one
matrix, which is Toeplitz and the same for all tiles.

A network takes other ways to compute the same: a `Convolve`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from snn.value_object import static, value_object


@value_object
class Conv1d:
    """A 1-d convolution without bias, from ``(..., position, channel)`` to the same.

    Weights are ``(kernel, channels in, channels out)``. The matrix is made once, by `matrix`, and
    applied many times, by `apply`.

    Attributes:
        kernel: number of positions that an output sees.
        stride: positions between neighbouring outputs.
        padding: silent positions before and after the input.
        tile: outputs that one matrix product computes together. More of them cost more arithmetic
            and less copying.

    Raises:
        ValueError: if one of them is too small.
    """

    kernel: int = static()
    stride: int = static(default=1)
    padding: int = static(default=0)
    tile: int = static(default=1)

    def __post_init__(self) -> None:
        for name, low in (("kernel", 1), ("stride", 1), ("padding", 0), ("tile", 1)):
            if (value := getattr(self, name)) < low:
                raise ValueError(f"Conv1d.{name}: got {value}, expected at least {low}.")

    def n_out(self, n_in: int) -> int:
        """Return the number of output positions.

        Raises:
            ValueError: if the padded input is shorter than the kernel.
        """
        free = n_in + 2 * self.padding - self.kernel
        if free < 0:
            raise ValueError(
                f"Conv1d: got {n_in} positions, expected at least "
                f"{self.kernel - 2 * self.padding} for a kernel of {self.kernel} and a padding of "
                f"{self.padding}. Use a smaller kernel, or a smaller stride in the layer below."
            )
        return free // self.stride + 1

    def matrix(self, w: Float[Array, "kernel channel feature"]) -> Float[Array, "b a"]:
        """Return the matrix from the window of inputs of one tile to its outputs, transposed."""
        i, o, k = np.ogrid[: self._window, : self.tile, : self.kernel]
        reaches = jnp.asarray(i == o * self.stride + k, w.dtype)
        toeplitz = jnp.einsum("iok,kab->obia", reaches, w)
        return toeplitz.reshape(self.tile * w.shape[2], self._window * w.shape[1])

    def apply(
        self, matrix: Float[Array, "b a"], x: Float[Array, "*batch n_in channel"]
    ) -> Float[Array, "*batch n_out feature"]:
        """Return the convolution, given the matrix of `matrix`."""
        *batch, n_in, channels = x.shape
        n_out = self.n_out(n_in)
        n_tiles = ceil(n_out / self.tile)
        n_rows = n_tiles + ceil(self._window / self._block) - 1
        # Negative where the last inputs are seen by no output.
        after = n_rows * self._block - self.padding - n_in
        edges = [(0, 0, 0)] * len(batch) + [(self.padding, after, 0), (0, 0, 0)]
        padded = jax.lax.pad(x, jnp.zeros((), x.dtype), edges)
        rows = padded.reshape(*batch, n_rows, self._block * channels)
        # A window is whole blocks and what it needs of the last one.
        starts = range(0, self._window, self._block)
        widths = [min(self._window - start, self._block) * channels for start in starts]
        windows = jnp.concatenate(
            [rows[..., j : j + n_tiles, :width] for j, width in enumerate(widths)], axis=-1
        )
        # Both are contracted along their last axes: the derivative with respect to the matrix is
        # then a product that XLA has a fast kernel for. Of a matrix (inputs, outputs) it is half
        # as fast.
        y = jnp.tensordot(windows, matrix, axes=(-1, -1))
        return y.reshape(*batch, n_tiles * self.tile, -1)[..., :n_out, :]

    @property
    def _block(self) -> int:
        """Inputs from one tile's window to the next one's."""
        return self.tile * self.stride

    @property
    def _window(self) -> Any:
        """Inputs that a tile depends on."""
        return (self.tile - 1) * self.stride + self.kernel


@jax.custom_jvp
def same_convolution(conv: Conv1d, matrices: tuple[Array, Array], x: Array) -> Array:
    r"""Apply a convolution of a line onto itself; its derivative is one, too.

    With stride 1 and a padding of half the odd kernel, the transpose of the convolution with
    :math:`w_k` is that with the flipped kernel, :math:`w_{K-1-k}^T`. JAX's own transpose of windows
    adds them up where they overlap, which XLA does without vectors on a CPU.

    Args:
        conv: the convolution.
        matrices: of the kernel, and of the flipped one with its channels swapped.
        x: the line, ``(*batch, position, channel)``.
    """
    return conv.apply(matrices[0], x)


@same_convolution.defjvp
def _same_convolution_jvp(primals: tuple, tangents: tuple) -> tuple[Array, Array]:
    (conv, (_, flipped), x), (_, (d_matrix, _), d_x) = primals, tangents
    y = same_convolution(*primals)
    (by_x,) = jax.linear_transpose(partial(conv.apply, flipped), y)(d_x)
    return y, conv.apply(d_matrix, x) + by_x


@runtime_checkable
class Convolve(Protocol):
    """Interface of how a network computes its convolutions: hashable, as a value object is."""

    def __call__(
        self, conv: Conv1d, w: Float[Array, "kernel channel feature"]
    ) -> Callable[[Array], Array]:
        """Return the convolution with the weights ``w``, from ``(..., position, channel)``.

        What depends on weights alone is computed here: the result is applied at each step.
        """
        ...


@value_object
class MatrixProducts:
    """Convolutions by the matrix products of `Conv1d`; of a line onto itself `same_convolution`."""

    def __call__(
        self, conv: Conv1d, w: Float[Array, "kernel channel feature"]
    ) -> Callable[[Array], Array]:
        """Return the convolution, with its matrices made."""
        matrix = conv.matrix(w)
        if conv.stride != 1 or 2 * conv.padding + 1 != conv.kernel:
            return partial(conv.apply, matrix)
        flipped = conv.matrix(jnp.flip(w, axis=0).swapaxes(1, 2))
        return partial(same_convolution, conv, (matrix, flipped))
