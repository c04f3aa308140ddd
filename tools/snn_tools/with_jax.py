"""What needs JAX is imported when it is asked for, and says so where JAX is not installed."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package, for names that lie in these modules of it.

    It raises ImportError without JAX or the core.
    """

    def found(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = f"{package}.{homes[name]}"
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("jax", "jaxlib", "snn"):
                raise
            raise ImportError(
                f"{module}.{name}: got no {error.name}, expected JAX and the core. Install both "
                'with `pip install . "./tools[jax]"`; snn_tools.torch needs neither.'
            ) from error

    return found
