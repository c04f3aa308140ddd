"""Finite numbers from -1e4 to 1e4, in single and half precision."""

import numpy as np

from snn_tools.conformance.measured import GRID, SIZE
from snn_tools.conformance.outcome import Failure, Skipped
from snn_tools.conformance.subject import Subject

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
