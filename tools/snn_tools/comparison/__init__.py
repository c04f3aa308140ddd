"""Estimators against the true gradient of any program: `compare`, its table and its plot."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Import `compare` when it is asked for: the table alone needs no JAX."""
    if name != "compare":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from snn_tools.comparison.candidates import compare

    return compare
