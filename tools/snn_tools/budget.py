"""How long a command may take, in words."""

from __future__ import annotations

import re

UNITS = {"s": 1.0, "sec": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


def seconds(budget: str | float | int) -> float:
    """Read a budget, in seconds.

    Args:
        budget: seconds, or a text such as ``"30s"``, ``"1min"`` or ``"0.5h"``.

    Raises:
        ValueError: for anything else, or a budget that is not positive.
    """
    found = re.fullmatch(r"\s*([\d.]+)\s*([a-z]*)\s*", str(budget).lower())
    value = 0.0
    if found and (found[2] or "s") in UNITS and re.fullmatch(r"\d+\.?\d*|\.\d+", found[1]):
        value = float(found[1]) * UNITS[found[2] or "s"]
    if not value > 0:
        raise ValueError(
            f"budget: got {budget!r}, expected a positive number of seconds or a text such as "
            f'"30s", "1min" or "0.5h".'
        )
    return value
