r"""Convolution of spike trains along a line of positions, as matrix products.

.. math::
    y_{o} = \sum_{k} x_{o \cdot stride + k - padding}\, w_k

On a CPU, a matrix product inside a loop over time is much faster than a convolution. The line is
cut into tiles of neighbouring outputs. One Toeplitz matrix maps the window of inputs of a tile to
all outputs of the tile; it is the same for all tiles.

A `Convolve` lets a network compute its convolutions in another way.
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

    Weights are ``(kernel, channels in, channels out)``. `matrix` prepares the weights once, and
    `apply` uses the result at each time step.

    Attributes:
        kernel: number of positions that an output sees.
        stride: positions between neighbouring outputs.
        padding: silent positions before and after the input.
        tile: number of outputs that one matrix product computes together. A larger tile costs
            more arithmetic and less copying.

    Raises:
        ValueError: if a number is too small.
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
        """Return the transposed matrix from the inputs of a tile to the outputs of the tile."""
        i, o, k = np.ogrid[: self._window, : self.tile, : self.kernel]
        reaches = jnp.asarray(i == o * self.stride + k, w.dtype)
        toeplitz = jnp.einsum("iok,kab->obia", reaches, w)
        return toeplitz.reshape(self.tile * w.shape[2], self._window * w.shape[1])

    def apply(
        self, matrix: Float[Array, "b a"], x: Float[Array, "*batch n_in channel"]
    ) -> Float[Array, "*batch n_out feature"]:
        """Apply the convolution, given the result of `matrix`."""
        *batch, n_in, channels = x.shape
        n_out = self.n_out(n_in)
        n_tiles = ceil(n_out / self.tile)
        n_rows = n_tiles + ceil(self._window / self._block) - 1
        # Negative where the last inputs are seen by no output.
        after = n_rows * self._block - self.padding - n_in
        edges = [(0, 0, 0)] * len(batch) + [(self.padding, after, 0), (0, 0, 0)]
        padded = jax.lax.pad(x, jnp.zeros((), x.dtype), edges)
        rows = padded.reshape(*batch, n_rows, self._block * channels)
        # A window consists of whole blocks and the beginning of a last block.
        starts = range(0, self._window, self._block)
        widths = [min(self._window - start, self._block) * channels for start in starts]
        windows = jnp.concatenate(
            [rows[..., j : j + n_tiles, :width] for j, width in enumerate(widths)], axis=-1
        )
        # Contract the last axes of both arrays. XLA then has a fast kernel for the derivative with
        # respect to the matrix. With a matrix (inputs, outputs) the derivative takes twice as long.
        y = jnp.tensordot(windows, matrix, axes=(-1, -1))
        return y.reshape(*batch, n_tiles * self.tile, -1)[..., :n_out, :]

    @property
    def _block(self) -> int:
        """Number of inputs between the windows of neighbouring tiles."""
        return self.tile * self.stride

    @property
    def _window(self) -> Any:
        """Number of inputs that a tile depends on."""
        return (self.tile - 1) * self.stride + self.kernel


@jax.custom_jvp
def same_convolution(conv: Conv1d, matrices: tuple[Array, Array], x: Array) -> Array:
    r"""Apply a convolution whose output has as many positions as its input.

    With stride 1 and a padding of half the odd kernel, the transpose of the convolution with
    :math:`w_k` is the convolution with the flipped kernel, :math:`w_{K-1-k}^T`. The derivative is
    written in this form. JAX would instead add up overlapping windows, which is slow on a CPU.

    Args:
        conv: the convolution.
        matrices: matrices of the kernel, and of the flipped kernel with swapped channels.
        x: the input, ``(*batch, position, channel)``.

    Returns:
        The output, ``(*batch, position, feature)``.
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
    """Interface of a way to compute convolutions; implementations are hashable value objects."""

    def __call__(
        self, conv: Conv1d, w: Float[Array, "kernel channel feature"]
    ) -> Callable[[Array], Array]:
        """Return a function that convolves ``(..., position, channel)`` with the weights ``w``.

        The function is called at each time step, so work on the weights belongs here.
        """
        ...


@value_object
class MatrixProducts:
    """Convolutions by matrix products: `same_convolution` where it applies, else `Conv1d`."""

    def __call__(
        self, conv: Conv1d, w: Float[Array, "kernel channel feature"]
    ) -> Callable[[Array], Array]:
        """Return the convolution with precomputed matrices."""
        matrix = conv.matrix(w)
        if conv.stride != 1 or 2 * conv.padding + 1 != conv.kernel:
            return partial(conv.apply, matrix)
        flipped = conv.matrix(jnp.flip(w, axis=0).swapaxes(1, 2))
        return partial(same_convolution, conv, (matrix, flipped))
