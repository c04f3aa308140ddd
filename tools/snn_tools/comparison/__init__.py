"""Estimators against the true gradient of any program: `compare`, its table and its plot."""

from typing import Any

from snn_tools.with_jax import imported


def __getattr__(name: str) -> Any:
    """Import `compare` when it is asked for: the table alone needs no JAX."""
    if name != "compare":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return imported("snn_tools.comparison.candidates", "compare")
