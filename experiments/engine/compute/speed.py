"""What makes commands faster and is no part of what they compute: measured, and with one switch.

As a table::

  | what | where | processor time | without |
  |---|---|---|---|
  | what runs briefly is compiled briefly | compile_briefly | figure 8 (quick): 71 s | 92 s |
  | loops of trainings are compiled with more effort | FOR_LONG | figure 6 (quick): 32 s | 47 s |
  | Threefry is compiled without its loop | unroll | figure 6 (quick): 0.72 | 1 |
  | | | figure 3: 0.87 | 1 |
  | memory is kept for the next array | Makefile | a sample of figure 7: 16 ms | 24 ms |
  | cycles among objects are looked for seldom | begin | figure 4 from the cache: 0.74 s | 0.84 s |
  | and not as a command ends | end | the same: 0.74 s | 1.07 s |
  | Matplotlib is loaded only to draw | figures.drawing | the same: 0.74 s | 0.95 s |

The last three are medians of five runs or more, in turn, on two cores that other programs used.

`SNN_SPEED=0` in the environment switches off all but the last. Arrays then differ by rounding, so
that it counts in the key of a result. Compiled code is kept by JAX: `runtime.compilation_cache`.
"""

import gc
import os
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jax import Array

SWITCH = "SNN_SPEED"
OFF = os.environ.get(SWITCH) == "0"

BRIEFLY = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=2"
"""XLA_FLAGS by which a program takes three fifths of the time to compile, and runs as fast.

jaxlib 0.10 makes the loops of a program with MLIR, up to 32 of them apart. Without that, loops that
draw random numbers in each step are slower. Later versions have no such choice.
"""
CHOOSES_EMITTERS = version("jaxlib").startswith("0.10.") and not OFF
"""True if this jaxlib has the choice, and speed is not switched off."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if CHOOSES_EMITTERS else {}
"""`compiler_options` of `jax.jit` for a loop that runs for long, as a training's."""

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)


def begin() -> None:
    """Look for cycles seldom: modules, traced programs and pictures are many objects, and stay."""
    if not OFF:
        gc.set_threshold(1_000_000)


def end() -> None:
    """Have Python not look for cycles in all there is as it ends."""
    if not OFF:
        gc.freeze()


def compile_briefly(flags: str) -> None:
    """Have XLA compile briefly from its first program on, unless the user's flags say otherwise."""
    if CHOOSES_EMITTERS:
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {flags}".strip()


def unroll() -> None:
    """Have whatever is compiled for a CPU from now on use `threefry`."""
    from jax.extend.random import threefry2x32_p
    from jax.interpreters import mlir

    if not OFF:
        lowering = mlir.lower_fun(threefry, multiple_results=True)
        mlir.register_lowering(threefry2x32_p, lowering, platform="cpu")


def threefry(key0: "Array", key1: "Array", word0: "Array", word1: "Array") -> list["Array"]:
    """Return the two words that Threefry-2x32, JAX's generator, makes of two: the same bits.

    For a CPU, JAX compiles the 20 rounds as a loop of five times four. XLA computes each of the
    loop's two words in a pass of its own, and merges none of it with what the numbers are for.

    Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

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
        for bits in ROTATIONS[i % 2]:
            word0 = word0 + word1
            word1 = ((word1 << u32(bits)) | (word1 >> u32(32 - bits))) ^ word0
        word0 = word0 + keys[(i + 1) % 3]
        word1 = word1 + keys[(i + 2) % 3] + u32(i + 1)
    return [word0, word1]
