"""How long XLA works on a program for the CPU: briefly, but for loops that run for long.

jaxlib 0.10 makes the loops of a program with MLIR, up to 32 of them apart. Without that, and in two
parts, a program takes three fifths of the time to compile, runs as fast, and computes the same to
rounding. Loops that draw random numbers in each step are slower: figure 6 (quick) would take 47 s
of processor time in place of 32. Later versions have no such choice.
"""

import os
from importlib.metadata import version

BRIEFLY = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=2"
THERE = version("jaxlib").startswith("0.10.")
"""Whether this jaxlib has the choice."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if THERE else {}
"""`compiler_options` of `jax.jit` for a loop that runs for long, as a training's."""


def compile_briefly() -> None:
    """Have XLA compile briefly from its first program on; what the user has set stays."""
    given = os.environ.get("XLA_FLAGS", "")
    if THERE and not given.startswith(BRIEFLY):
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {given}".strip()
