"""Former names of public objects, which still work and warn."""

import sys
import warnings
from collections.abc import Callable, Mapping
from typing import Any


def former_names(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a module whose public objects were renamed.

    Args:
        module: the module's ``__name__``.
        names: the present name of each former name.

    Returns:
        A function that returns the object of a former name, with a `DeprecationWarning`.
    """

    def __getattr__(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        warnings.warn(
            f"{module}.{name} was renamed: use {module}.{names[name]}.",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(sys.modules[module], names[name])

    return __getattr__
