"""Threefry, JAX's generator of random numbers, compiled without its loop: the same bits, sooner.

For a CPU, JAX compiles the 20 rounds as a loop of five times four. XLA then computes each of the
loop's two words in a pass of its own, with all rounds of both, and merges none of it with what the
numbers are for. Without it, figure 6 (quick) takes 0.72 of the processor time, figure 3 0.87.

Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
"""

import numpy as np
from jax import Array, lax
from jax.extend.random import threefry2x32_p
from jax.interpreters import mlir

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)


def unroll() -> None:
    """Have whatever is compiled for a CPU from now on use `threefry`."""
    lowering = mlir.lower_fun(threefry, multiple_results=True)
    mlir.register_lowering(threefry2x32_p, lowering, platform="cpu")


def threefry(key0: Array, key1: Array, word0: Array, word1: Array) -> list[Array]:
    """Return the two words that Threefry-2x32 of 20 rounds makes of two.

    Args:
        key0: a word of the key, uint32.
        key1: the other, of the same shape.
        word0: a word of the counter, uint32; its shape and that of the key broadcast.
        word1: the other, of the same shape.
    """
    u32 = np.uint32
    keys = key0, key1, key0 ^ key1 ^ u32(PARITY)
    word0, word1 = word0 + keys[0], word1 + keys[1]
    for i in range(5):
        # Primitives, since each program is traced: operators take twice the time.
        for bits in ROTATIONS[i % 2]:
            word0 = lax.add(word0, word1)
            left = lax.shift_left(word1, u32(bits))
            right = lax.shift_right_logical(word1, u32(32 - bits))
            word1 = lax.bitwise_xor(lax.bitwise_or(left, right), word0)
        word0 = word0 + keys[(i + 1) % 3]
        word1 = word1 + keys[(i + 2) % 3] + u32(i + 1)
    return [word0, word1]
