"""The paper's experiments by chapter, what they share, and the machinery that runs them."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.engine.compute.record import Record

STARTED = time.time()
"""When this process began to import: a source that is newer may not be what was imported."""

if sys.argv[:1] == ["-m"]:
    # So it reads while Python looks for the module of `python -m`, which may import for seconds.
    from experiments.engine.compute.processes import listen

    listen()
    from experiments.engine.compute import speed

    speed.begin()


def load(choice: str, parameters: Mapping[str, Any] | None = None) -> "Record":
    """Return the numbers of a figure as arrays by panel, from the cache or computed.

    See `experiments.loading.load`, which is imported by the first call.

    Args:
        choice: Figure and preset, as "fig5/smoke".
        parameters: Values by the names that `make params-5` lists.
    """
    from experiments import loading

    return loading.load(choice, parameters)
