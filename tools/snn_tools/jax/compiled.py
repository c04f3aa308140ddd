"""Compilation for few runs: an examination spends most of its time in the compiler."""

from collections.abc import Iterator
from contextlib import contextmanager

import jax

SETTING = "jax_disable_most_optimizations"


@contextmanager
def quick_compilation() -> Iterator[None]:
    """Leave out the compiler's costly passes, which takes a fifth of the time."""
    before = jax.config.read(SETTING)
    jax.config.update(SETTING, True)
    try:
        yield
    finally:
        jax.config.update(SETTING, before)
