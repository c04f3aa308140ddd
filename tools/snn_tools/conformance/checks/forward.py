"""The spike itself, 0 below threshold and 1 above; finite numbers from -1e4 to 1e4."""

import numpy as np

from snn_tools.conformance.measured import GRID, SIZE
from snn_tools.conformance.subject import Failure, Skipped, Subject

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


RANGE = np.append(GRID[np.abs(GRID) > 1e-5], [0.0, -0.0])


def finite(function: Subject) -> None:
    """No NaN and no infinity, of spikes and derivatives, in every precision that is offered."""
    v = np.resize(RANGE, SIZE)
    for dtype in sorted(function.offered, key="float32".__ne__):  # as most users
        for what in ("spikes", "gradient"):
            values = getattr(function.box, what)(v, dtype).values
            if not np.isfinite(values).all():
                bad = np.flatnonzero(~np.isfinite(values))
                i = bad[np.abs(v[bad]).argmin()]
                at = float(v[i])
                raise Failure(
                    f"{what} in {dtype}: got {values[i]} at v = {at:.4g}, "
                    f"expected finite numbers over +-1e4",
                    at,
                    dtype,
                )


def half_precision(function: Subject) -> None:
    """In half precision the derivative of single precision, to 5 % of its peak."""
    offered = [dtype for dtype in ("float16", "bfloat16") if dtype in function.offered]
    if not offered or "float32" not in function.offered:
        raise Skipped(f"float16: {function.precisions['float16']}")
    powers = 2.0 ** np.arange(-6, 5)  # exact in every precision, also with 1 added
    v = np.concatenate([-powers, powers])
    right = function.gradient(v, "float32")
    for dtype in offered:
        got = function.gradient(v, dtype)
        off = np.abs(got - right) > 0.05 * np.abs(right).max()
        if off.any():
            at = v[off][0]
            raise Failure(
                f"derivative at v = {at:g} in {dtype}: got {got[off][0]:.4g}, "
                f"in float32 {right[off][0]:.4g}",
                at,
                dtype,
            )
