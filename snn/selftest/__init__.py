"""Self-test of JAX's arithmetic, with small exact sums under load: ``python -m snn.selftest``.

From 0.10.2 to before 0.12, jaxlib computes sums on the CPU in a fused kernel with a race condition.
In 0.10.2 the kernel also reads wrong rows (jax-ml/jax#39103, #39257, #40412). Sums are wrong by up
to 78 %, without a warning. The sums here add small integers in floating point and are exact in
every order of addition, so a wrong digit is a fault of the arithmetic and not of rounding.
"""

import importlib.metadata
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

BAD_FROM, GOOD_AGAIN = (0, 10, 2), (0, 12)


def known_fault(jaxlib: str | None = None) -> str | None:
    """Return a message if a version of jaxlib is known to compute wrong sums.

    Args:
        jaxlib: The version; the installed one by default.

    Returns:
        One message with the fix, or None for a version without a known fault.
    """
    jaxlib = jaxlib or importlib.metadata.version("jaxlib")
    if not BAD_FROM <= tuple(int(part) for part in re.findall(r"\d+", jaxlib)) < GOOD_AGAIN:
        return None
    right = "0.10.1" if sys.version_info < (3, 12) else "0.12.0.1"
    return (
        f"jaxlib {jaxlib} computes wrong sums on the CPU, without a warning (jax-ml/jax#39103): "
        f"pip install jax=={right} jaxlib=={right}"
    )


@dataclass(frozen=True)
class ExactSum:
    """Compiled sum with a known value.

    Attributes:
        name: Description of the sum.
        compute: Compiled function of ``argument``.
        argument: Small integers in floating point.
        value: Exact result.
    """

    name: str
    compute: Callable[[jax.Array], jax.Array]
    argument: jax.Array
    value: np.ndarray

    def is_right(self) -> bool:
        """Compute the sum once, and return whether the result is exact."""
        return np.array_equal(np.asarray(self.compute(self.argument)), self.value)


@dataclass(frozen=True)
class Outcome:
    """Number of computations of a sum, and number of wrong results."""

    name: str
    calls: int
    wrong: int

    def __str__(self) -> str:
        return f"{self.name}: {self.wrong} of {self.calls} wrong"


def exact_sums() -> list[ExactSum]:
    """Return sums that were wrong in faulty versions, in the present and in single precision."""

    def repeated(shape: tuple[int, ...], axis: tuple[int, ...], row: tuple[int, ...]) -> ExactSum:
        kept = tuple(size for i, size in enumerate(shape) if i not in axis)
        n_terms = np.prod(shape) // np.prod(kept, dtype=int)
        compute = jax.jit(lambda x: jnp.sum(jnp.broadcast_to(x, shape), axis))
        name = f"ones of shape {row}, repeated to {shape} and summed over axes {axis}"
        ones = jnp.ones(row, jnp.float32)
        return ExactSum(name, compute, ones, np.full(kept, n_terms, np.float32))

    def squares(n_rows: int, dtype: jnp.dtype) -> ExactSum:
        rows = np.arange(3 * n_rows).reshape(n_rows, 3) % 5
        eye = jnp.eye(3, dtype=dtype)
        compute = jax.jit(jax.vmap(lambda row: jnp.sum((eye @ row) ** 2)))
        name = f"squared norms of {n_rows} rows of {dtype.name}"
        return ExactSum(name, compute, jnp.asarray(rows, dtype), (rows**2).sum(1).astype(dtype))

    # The three sums of shape (10, 189, 200) are those of figure 6: trials, steps, neurons.
    sums = [
        repeated((2, 1024, 1024), (0, 1, 2), (1024,)),
        repeated((10, 189, 200), (0, 1, 2), (200,)),
        repeated((10, 189, 200), (0, 1), (189, 200)),
        repeated((10, 189, 200), (0, 2), (189, 200)),
        squares(32_769, jnp.dtype(jnp.float32)),
    ]
    if jax.config.read("jax_enable_x64"):
        sums.append(squares(16_385, jnp.dtype(jnp.float64)))
    return sums


def check(
    sums: Sequence[ExactSum] | None = None, seconds: float = 1.0, n_threads: int | None = None
) -> list[Outcome]:
    """Compute every sum repeatedly, in several threads at once.

    Args:
        sums: Sums to compute; by default `exact_sums`.
        seconds: Duration after compilation. Each thread computes every sum at least once.
        n_threads: Number of threads; by default two per processor, which keeps the machine busy.

    Returns:
        The outcome of each sum. With correct arithmetic no result is wrong.
    """
    sums = exact_sums() if sums is None else sums
    n_threads = n_threads or 2 * (os.cpu_count() or 1)
    for item in sums:
        item.is_right()  # compiles
    counts = np.zeros((n_threads, len(sums), 2), int)
    until = time.monotonic() + seconds

    def work(thread: int) -> None:
        while True:
            for i, item in enumerate(sums):
                counts[thread, i] += 1, not item.is_right()
            if time.monotonic() >= until:
                return

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, range(n_threads)))
    totals = counts.sum(0).tolist()
    return [Outcome(item.name, *total) for item, total in zip(sums, totals, strict=True)]
