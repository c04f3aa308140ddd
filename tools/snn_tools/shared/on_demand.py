"""Import modules only when a name of theirs is used, and explain what to install."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

JAX = "jax", "jaxlib", "snn"
INSTALL_JAX = (
    'JAX and the core. Install both with `pip install . "./tools[jax]"`; snn_tools.torch needs '
    "neither."
)


def on_demand(
    package: str,
    homes: Mapping[str, str],
    needs: tuple[str, ...] = JAX,
    expected: str = INSTALL_JAX,
) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package, which imports the module of a name on first use.

    Args:
        package: name of the package.
        homes: module of each name, inside the package.
        needs: packages that users may lack.
        expected: text about these packages for the ImportError.
    """

    def attribute(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = f"{package}.{homes[name]}"
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in needs:
                raise
            message = f"{module}.{name}: got no {error.name}, expected {expected}"
            raise ImportError(message) from error

    return attribute
