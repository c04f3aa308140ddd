"""Versions of jaxlib that compute wrong sums.

From 0.10.2 to before 0.12, jaxlib computes sums on the CPU in a fused kernel with a race condition.
In 0.10.2 the kernel also reads wrong rows (jax-ml/jax#39103, #39257, #40412). Sums are wrong by up
to 78 %, without a warning. `tests/snn/test_selftest.py` computes such sums under load.
"""

import importlib.metadata
import re
import sys

BAD_FROM, GOOD_AGAIN = (0, 10, 2), (0, 12)


def known_fault(jaxlib: str | None = None) -> str | None:
    """Return a message if a version of jaxlib is known to compute wrong sums.

    Args:
        jaxlib: the version; the installed one by default.

    Returns:
        One message with the fix, or None for a version without a known fault.
    """
    try:
        jaxlib = jaxlib or importlib.metadata.version("jaxlib")
    except importlib.metadata.PackageNotFoundError:
        return None  # `snn.stats.batch_means` is used without JAX
    if not BAD_FROM <= tuple(int(part) for part in re.findall(r"\d+", jaxlib)) < GOOD_AGAIN:
        return None
    right = "0.10.1" if sys.version_info < (3, 12) else "0.12.0.1"
    return (
        f"jaxlib {jaxlib} computes wrong sums on the CPU, without a warning (jax-ml/jax#39103): "
        f"pip install jax=={right} jaxlib=={right}"
    )
