"""The doctor: what is wrong with the gradient of a spiking network of one's own.

::

    from snn_tools import doctor
    report = doctor.examine(program, params, key, budget="1min", surrogate=snn.Surrogate())
    print(report)

or ``python -m snn_tools.doctor module:build``. See tools/docs/doctor.md.
"""

from typing import Any

from snn_tools.with_jax import imported

HOMES = {
    "adopted": "as_called",
    "examine": "examination",
    "Finding": "finding",
    "Report": "report",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `snn_tools.torch` uses findings, and needs no JAX."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return imported(f"{__name__}.{HOMES[name]}", name)
