"""How long XLA works on a program for the CPU: briefly, but for loops that run for long.

jaxlib 0.10 makes the loops of a program with MLIR, up to 32 of them apart. Without that, and in two
parts, a program takes three fifths of the time to compile, runs as fast, and computes the same to
rounding. Loops that draw random numbers in each step are slower: figure 6 (quick) would take 47 s
of processor time in place of 32. Later versions have no such choice.
"""

import os
from importlib.metadata import version

from experiments.engine.errors import UserError

BRIEFLY = "--xla_cpu_use_fusion_emitters=false --xla_cpu_parallel_codegen_split_count=2"
THERE = version("jaxlib").startswith("0.10.")
"""Whether this jaxlib has the choice."""

FOR_LONG = {"xla_cpu_use_fusion_emitters": True} if THERE else {}
"""`compiler_options` of `jax.jit` for a loop that runs for long, as a training's."""


def users_flags() -> str:
    """Return the XLA_FLAGS that the user has set.

    Raises:
        UserError: If they name a file of flags, which only XLA would read.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip().removeprefix(BRIEFLY).strip()
    if flags and not flags.startswith("-"):
        what, expected = "XLA_FLAGS name a file", "the flags themselves: results depend on them"
        raise UserError(what, flags, expected, f'XLA_FLAGS="$(cat {flags})"')
    return flags


def compile_briefly() -> None:
    """Have XLA compile briefly from its first program on; what the user has set stays."""
    if THERE:
        os.environ["XLA_FLAGS"] = f"{BRIEFLY} {users_flags()}".strip()
