"""Panels by what they draw; the entry files `figures/figN.py` put them together."""

import numpy as np

Panel = dict[str, np.ndarray]
"""Arrays by name."""
Data = dict[str, Panel]
"""Panels of a figure, by name."""


def names_of(panel: Panel, axis: str = "methods") -> list[str]:
    """Return the names along an axis."""
    return [str(name) for name in panel[axis][0]]


def first_seed(panel: Panel) -> Panel:
    """Return the arrays of the first seed, and the arrays pooled over all seeds."""
    of_all = {name for name in panel if "pooled" in name or name.endswith("_wrong_sign")}
    return {name: array if name in of_all else array[0] for name, array in panel.items()}
