"""Compute small exact sums, and count wrong results: ``python -m snn.selftest``."""

import importlib.metadata
import sys

import jax

from snn.selftest import check


def main() -> int:
    """Print the outcome of every sum.

    Returns:
        0 if all are right, else 1.
    """
    jax.config.update("jax_enable_x64", True)
    outcomes = check()
    print(f"jax {jax.__version__}, jaxlib {importlib.metadata.version('jaxlib')}")  # noqa: T201
    print(*outcomes, sep="\n")  # noqa: T201
    return int(any(outcome.wrong for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
