"""The spike itself: 0 below threshold, 1 above, and one of the two at threshold."""

import numpy as np

from snn_tools.conformance.measured import GRID
from snn_tools.conformance.outcome import Failure, Skipped
from snn_tools.conformance.subject import Subject

# The step is checked outside of these: rounding hides smaller differences to a threshold of 1.
NEAREST = {"float64": 1e-7, "float32": 1e-6, "float16": 2e-3, "bfloat16": 2e-2}


def step(function: Subject) -> None:
    """0 below threshold and 1 above, in every precision; 0 or 1 if spikes are drawn."""
    for dtype in function.offered:
        s = function.box.spikes(GRID, dtype).values
        wrong = ~np.isin(s, (0.0, 1.0))
        if not function.box.random:
            wrong |= (np.abs(GRID) > NEAREST[dtype]) & (s != (GRID > 0))
        if wrong.any():
            at = GRID[wrong][np.abs(GRID[wrong]).argmin()]
            right = "0 or 1" if function.box.random else f"{float(at > 0):g}"
            raise Failure(
                f"spike at v = {at:.3g} in {dtype}: got {s[GRID == at][0]:g}, expected {right}",
                at,
                dtype,
            )


def threshold(function: Subject) -> None:
    """At v = 0, 0 or 1, and as claimed."""
    if function.box.random:
        raise Skipped("spikes are drawn")
    s = float(function.spikes(np.zeros(1))[0])
    claimed = function.claim.at_threshold
    if s not in (0.0, 1.0) or (claimed is not None and s != claimed):
        right = "0 or 1" if claimed is None else f"{claimed:g}, as claimed"
        raise Failure(f"spike at v = 0: got {s:g}, expected {right}", 0.0)
