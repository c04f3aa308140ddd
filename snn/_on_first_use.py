"""Packages that import their modules when a name is first used."""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def names_of(package: str, *modules: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package whose names are those of its modules.

    Args:
        package: name of the package.
        *modules: the modules with the public names.
    """

    def found(name: str) -> Any:
        # A module comes alone, so that `snn.stats.batch_means` does not import JAX.
        if find_spec(f"{package}.{name}"):
            return import_module(f"{package}.{name}")
        for module in map(import_module, modules):
            if name in vars(module):
                return vars(module)[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def get(name: str) -> Any:
        # Python itself looks up names such as `__path__` while it imports the package.
        if name.startswith("_"):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        # Kept in the package, so that Python does not ask again.
        value = found(name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        every = {name for module in modules for name in vars(import_module(module))}
        return sorted(name for name in every if not name.startswith("_"))

    return get, names
