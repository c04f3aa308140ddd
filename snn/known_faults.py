"""Versions of jaxlib whose numbers cannot be trusted.

From 0.10.2 to before 0.12, jaxlib hands reductions on the CPU to a fused kernel that races with
itself and, in 0.10.2, reads wrong rows as well (jax-ml/jax#39103, #39257, #40412). Sums come out
wrong without a warning, by up to 78 %. `snn.selftest` shows it.
"""

import importlib.metadata
import re
import sys

BAD_FROM, GOOD_AGAIN = (0, 10, 2), (0, 12)


def known_fault(jaxlib: str | None = None) -> str | None:
    """Says what is wrong with a version of jaxlib that is known to add up wrongly.

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
