"""The numbers that describe a derivative, each against its claim."""

import numpy as np

from snn_tools.conformance.subject import Failure, Skipped, Subject


def _as_claimed(function: Subject, name: str, rtol: float) -> None:
    claimed = getattr(function.claim, name, None)
    if claimed is None:
        if function.claimed is None:
            raise Skipped(f"no {name} is claimed")
        claimed = getattr(function.claimed, name)
    got = getattr(function.measured, name)
    if not (got == claimed or abs(got - claimed) <= rtol * abs(claimed)):
        at = function.measured.peak_at
        raise Failure(f"{name}: got {got:.6g}, claimed {claimed:.6g}", at, function.finest)


def peak(function: Subject) -> None:
    """Expect the largest value, and where it is taken."""
    _as_claimed(function, "peak", max(function.rtol, 1e-4))
    if function.claimed is not None:
        got, right = function.measured.peak_at, function.claimed.peak_at
        if abs(got - right) > 0.01 * function.scale:
            raise Failure(f"the peak is at v = {got:.4g}, claimed {right:.4g}", got)


def width(function: Subject) -> None:
    """Expect the full width at half maximum."""
    _as_claimed(function, "width", max(function.rtol, 1e-3))


def integral(function: Subject) -> None:
    """Expect the integral over all potentials; 1 for the density of a noise."""
    _as_claimed(function, "integral", 0.01)


def tails(function: Subject) -> None:
    """Expect tails that fall as claimed: the exponent n of ~ 1/v^n at v = 1e4."""
    if function.claimed is None:
        raise Skipped("no derivative is claimed")
    got, right = function.measured.tail, function.claimed.tail
    # Where rounding has made an exponential of it, or zero of it, nothing is left to compare.
    if min(got, right) < 4 and not abs(got - right) <= 0.1:
        raise Failure(f"tails ~ 1/v^{got:.3g}, claimed 1/v^{right:.3g}", 1e4)


def symmetry(function: Subject) -> None:
    """Expect the same on both sides of the threshold, or what is claimed."""
    if function.claimed is None:
        raise Skipped("no derivative is claimed")
    got, right = function.measured.asymmetry, function.claimed.asymmetry
    if not np.isclose(got, right, atol=10 * function.rtol, rtol=0.01):
        raise Failure(
            f"largest difference between v and -v: got {got:.4g} of the peak, claimed {right:.4g}",
            function.scale,
        )
