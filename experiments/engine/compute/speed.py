"""Settings that make commands faster, with the saved time.

Time is processor time; a smaller time is better::

  | setting | where | command | with | without |
  |---|---|---|---|---|
  | short programs are compiled briefly | compile_briefly | figure 8 (quick) | 71 s | 92 s |
  | loops of trainings are compiled with more effort | FOR_LONG | figure 6 (quick) | 32 s | 47 s |
  | Threefry is compiled without its loop | unroll | figure 6 (quick) | 0.72 | 1 |
  | | | figure 3 | 0.87 | 1 |
  | memory is kept for the next array | Makefile | a sample of figure 7 | 16 ms | 24 ms |
  | Python looks for cycles seldom | begin | figure 4, cached | 0.74 s | 0.84 s |
  | Python does not look for cycles at the end | end | figure 4, cached | 0.74 s | 1.07 s |
  | Matplotlib is loaded only to draw | figures.drawing | figure 4, cached | 0.74 s | 0.95 s |

Figure 4 is a median of five runs or more, in turn, on two cores that other programs used.

`SNN_SPEED=0` in the environment switches off all settings but the last. Arrays then differ by
rounding, so that the switch is part of keys. JAX keeps compiled code: `runtime.compilation_cache`.
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
"""XLA_FLAGS that reduce the time to compile to three fifths.

jaxlib 0.10 generates the loops of a program with MLIR, up to 32 loops separately. Without MLIR,
compilation is faster, and loops that draw random numbers in each step are slower. Later versions
always use MLIR.
"""
CHOOSES_EMITTERS = version("jaxlib").startswith("0.10.") and not OFF
"""True if jaxlib can do without MLIR, and speed is switched on."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if CHOOSES_EMITTERS else {}
"""`compiler_options` of `jax.jit` for loops of long trainings."""

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)


def begin() -> None:
    """Let Python look for cycles of garbage seldom: most objects live as long as the process."""
    if not OFF:
        gc.set_threshold(1_000_000)


def end() -> None:
    """Keep Python from looking for cycles of garbage when the process ends."""
    if not OFF:
        gc.freeze()


def compile_briefly(flags: str) -> None:
    """Set XLA's flags to `BRIEFLY`, followed by the user's flags, which take precedence."""
    if CHOOSES_EMITTERS:
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {flags}".strip()


def unroll() -> None:
    """Use `threefry` in all programs that are compiled for a CPU from now on."""
    from jax.extend.random import threefry2x32_p
    from jax.interpreters import mlir

    if not OFF:
        lowering = mlir.lower_fun(threefry, multiple_results=True)
        mlir.register_lowering(threefry2x32_p, lowering, platform="cpu")


def threefry(key0: "Array", key1: "Array", word0: "Array", word1: "Array") -> list["Array"]:
    """Compute Threefry-2x32, JAX's random bit generator, without a loop.

    For a CPU, JAX compiles the 20 rounds as a loop of five times four rounds. XLA computes the two
    words in separate passes over that loop, and cannot fuse the loop with other operations.

    Reference: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

    Args:
        key0: First word of the key, uint32.
        key1: Second word of the key, of the same shape.
        word0: First word of the counter, uint32, with a shape that broadcasts with the key's.
        word1: Second word of the counter, of the same shape.

    Returns:
        Both words of random bits, the same bits as JAX's.
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
