"""What needs JAX is imported when it is asked for, and says so where JAX is not installed."""

from importlib import import_module
from typing import Any


def imported(module: str, name: str) -> Any:
    """Return a name of a module that needs JAX.

    Raises:
        ImportError: without JAX or the core.
    """
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("jax", "jaxlib", "snn"):
            raise
        raise ImportError(
            f"{module}.{name}: got no {error.name}, expected JAX and the core. Install both with "
            '`pip install . "./tools[jax]"`; snn_tools.torch needs neither.'
        ) from error
