"""The paper's experiments by chapter, what they share, and the machinery that runs them."""

import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from xarray import DataTree

if sys.argv[:1] == ["-m"]:
    # So it reads while Python looks for the module of `python -m`, which may import for seconds.
    # Ctrl-C then ends the process, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def load(choice: "str | Path", parameters: Mapping[str, Any] | None = None) -> "DataTree":
    """Return the numbers of a figure as datasets by panel, from the cache or computed.

    See `experiments.loading.load`, which is imported by the first call.

    Args:
        choice: Figure and preset, as "fig5/smoke"; or the folder of a run.
        parameters: Values by the names that `make params-5` lists.

    Returns:
        An `xarray.DataTree`: a dataset for each panel, with named axes, meanings and units.

    Raises:
        UserError: For a wrong name or value, or if Python finds another module of the name `snn` or
            `figures` before ours.
    """
    refuse_shadowed()
    from experiments import loading

    return loading.load(choice, parameters)


def refuse_shadowed() -> None:
    """Raise `UserError` if a file in the caller's folder has the name of one of our packages."""
    from importlib.util import find_spec
    from pathlib import Path

    from experiments.engine.errors import UserError

    ours = Path(__file__).parents[1]
    for name in ("snn", "figures"):
        spec = find_spec(name)
        if spec is None or not Path(str(spec.origin)).is_relative_to(ours / name):
            raise UserError(
                f"Python does not find our package {name}",
                spec and spec.origin,
                str(ours / name),
                f"rename your own {name}, and restart Python or the notebook's kernel",
            )
