r"""Convolution of spike trains along a line of positions, as matrix products.

.. math::
    y_{o} = \sum_{k} x_{o \cdot stride + k - padding}\, w_k

On a CPU a convolution inside a loop over time is slow, a matrix product is not. The line is cut
into tiles of neighbouring outputs. All outputs of a tile depend on one window of inputs, by one
matrix, which is Toeplitz and the same for all tiles.
"""

from __future__ import annotations

from math import ceil
from typing import Any

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
            and less copying; all of them make the matrix that of a dense layer.
    """

    kernel: int = static()
    stride: int = static(default=1)
    padding: int = static(default=0)
    tile: int = static(default=1)

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

    def matrix(self, w: Float[Array, "kernel channel feature"], n_in: int) -> Float[Array, "b a"]:
        """Return the matrix from the window of inputs of one tile to its outputs, transposed."""
        n_out = self.n_out(n_in)
        if self.tile >= n_out:
            window, outputs, first = n_in, n_out, -self.padding
        else:
            window, outputs, first = self._n_blocks * self._block, self.tile, 0
        i, o, k = np.ogrid[:window, :outputs, : self.kernel]
        reaches = jnp.asarray(i == o * self.stride + k + first, w.dtype)
        toeplitz = jnp.einsum("iok,kab->obia", reaches, w)
        return toeplitz.reshape(outputs * w.shape[2], window * w.shape[1])

    def apply(
        self, matrix: Float[Array, "b a"], x: Float[Array, "*batch n_in channel"]
    ) -> Float[Array, "*batch n_out feature"]:
        """Return the convolution, given the matrix of `matrix`."""
        *batch, n_in, channels = x.shape
        n_out = self.n_out(n_in)
        if self.tile >= n_out:
            y = _weighted(matrix, x.reshape(*batch, n_in * channels))
            return y.reshape(*batch, n_out, -1)
        n_tiles = ceil(n_out / self.tile)
        n_rows = n_tiles + self._n_blocks - 1
        # Negative where the last inputs are seen by no output.
        after = n_rows * self._block - self.padding - n_in
        edges = [(0, 0, 0)] * len(batch) + [(self.padding, after, 0), (0, 0, 0)]
        padded = jax.lax.pad(x, jnp.zeros((), x.dtype), edges)
        rows = padded.reshape(*batch, n_rows, self._block * channels)
        windows = jnp.concatenate(
            [rows[..., j : j + n_tiles, :] for j in range(self._n_blocks)], axis=-1
        )
        y = _weighted(matrix, windows)
        return y.reshape(*batch, n_tiles * self.tile, -1)[..., :n_out, :]

    def __call__(
        self, w: Float[Array, "kernel channel feature"], x: Float[Array, "*batch n_in channel"]
    ) -> Float[Array, "*batch n_out feature"]:
        """Return the convolution of ``x`` with the weights ``w``."""
        return self.apply(self.matrix(w, x.shape[-2]), x)

    @property
    def _block(self) -> int:
        """Inputs from one tile's window to the next one's."""
        return self.tile * self.stride

    @property
    def _n_blocks(self) -> Any:
        """Blocks of inputs that the window of a tile spans."""
        return ceil(((self.tile - 1) * self.stride + self.kernel) / self._block)


def _weighted(matrix: Float[Array, "b a"], x: Float[Array, "*batch a"]) -> Float[Array, "*batch b"]:
    # Both are contracted along their last axes: the derivative with respect to the matrix is then
    # a product that XLA has a fast kernel for. Of a matrix (inputs, outputs) it is half as fast.
    return jnp.tensordot(x, matrix, axes=(-1, -1))
