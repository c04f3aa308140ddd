"""Checks of the derivative: values, peak, width, integral, forward mode and second order."""

import numpy as np

from snn_tools.conformance.checks.structure import FACTORS
from snn_tools.conformance.measured import GRID, SIZE
from snn_tools.conformance.subject import Failure, Skipped, Subject, padded

# Multiples of the width for comparisons of derivatives; none is an edge of a box or triangle.
PLACES = np.outer([-1, 1], np.sqrt(2) * np.logspace(-3, 2.5, SIZE // 2)).ravel()


def claimed_derivative(function: Subject) -> None:
    """Expect the claimed derivative on both sides, from the peak into the tails."""
    if function.claim.derivative is None:
        raise Skipped("no derivative is claimed")
    v = np.clip(PLACES * function.scale, -1e4, 1e4)
    got, right = function.gradient(v), function.claim.derivative(v)
    allowed = function.rtol * np.abs(right).max() + 10 * function.rtol * np.abs(right)
    wrong = np.abs(got - right) > allowed  # NaN is never larger; another check reports it
    if wrong.any():
        near = wrong & (np.abs(v) < 3 * function.scale)  # prefer potentials that occur in networks
        wrong = near if near.any() else wrong
        worst = int(np.argmax(np.where(wrong, np.abs(got - right), -1)))
        raise Failure(
            f"derivative at v = {v[worst]:.4g}: got {got[worst]:.6g}, "
            f"claimed {right[worst]:.6g}{_factor(got, right)}",
            v[worst],
            function.finest,
        )


def _factor(got: np.ndarray, right: np.ndarray) -> str:
    """Return the common factor between the two as text, if there is one."""
    there = np.abs(right) > 1e-3 * np.abs(right).max()
    ratio = got[there] / right[there]
    if np.isfinite(ratio).all() and np.ptp(ratio) <= 1e-3 * np.abs(ratio).max():
        return f" (everywhere {ratio.mean():.4g} times the claim)"
    return ""


def sign(function: Subject) -> None:
    """Expect no negative number, unless negative numbers are claimed."""
    if function.claim.signed:
        raise Skipped("negative derivatives are claimed")
    values = np.nan_to_num(function.gradient(GRID))
    if values.min() < -function.rtol * np.abs(values).max():
        at = GRID[values.argmin()]
        raise Failure(f"derivative at v = {at:.4g}: got {values.min():.4g}, expected >= 0", at)


def zero(function: Subject) -> None:
    """Expect a value at threshold between the values just left and right of it."""
    if function.box.random:
        raise Skipped("something is drawn at every potential")
    near = function.scale * 1e-6
    probes = np.resize([-near, 0.0, near], SIZE)
    below, at, above = function.gradient(probes)[:3]
    slack = 1e-3 * abs(function.measured.peak)
    if not min(below, above) - slack <= at <= max(below, above) + slack:
        raise Failure(
            f"derivative at v = 0: got {at:.6g}, but {below:.6g} and {above:.6g} on its two sides",
            0.0,
        )


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
    """Expect the claimed largest value, at the claimed potential."""
    _as_claimed(function, "peak", max(function.rtol, 1e-4))
    if function.claimed is not None:
        got, right = function.measured.peak_at, function.claimed.peak_at
        if abs(got - right) > 0.01 * function.scale:
            raise Failure(f"the peak is at v = {got:.4g}, claimed {right:.4g}", got)


def width(function: Subject) -> None:
    """Expect the claimed full width at half maximum."""
    _as_claimed(function, "width", max(function.rtol, 1e-3))


def integral(function: Subject) -> None:
    """Expect the claimed integral over all potentials; 1 for the density of a noise."""
    _as_claimed(function, "integral", 0.01)


def tails(function: Subject) -> None:
    """Expect tails that fall as claimed: the exponent n of ~ 1/v^n at v = 1e4."""
    if function.claimed is None:
        raise Skipped("no derivative is claimed")
    got, right = function.measured.tail, function.claimed.tail
    # Rounding turns a steeper tail into an exponential or into 0: the two are not compared.
    if min(got, right) < 4 and not abs(got - right) <= 0.1:
        raise Failure(f"tails ~ 1/v^{got:.3g}, claimed 1/v^{right:.3g}", 1e4)


def symmetry(function: Subject) -> None:
    """Expect the same on both sides of the threshold, or the claimed difference."""
    if function.claimed is None:
        raise Skipped("no derivative is claimed")
    got, right = function.measured.asymmetry, function.claimed.asymmetry
    if not np.isclose(got, right, atol=10 * function.rtol, rtol=0.01):
        raise Failure(
            f"largest difference between v and -v: got {got:.4g} of the peak, claimed {right:.4g}",
            function.scale,
        )


def forward_mode(function: Subject) -> None:
    """Expect the same derivative in forward mode."""
    v = FACTORS * function.scale
    got = function.box.tangent(padded(v), function.finest, padded(FACTORS)).values[: len(v)]
    right = FACTORS * function.gradient(v)
    wrong = ~(np.abs(got - right) <= 10 * function.rtol * np.abs(right).max())
    if wrong.any():
        i = int(wrong.argmax())
        raise Failure(
            f"tangent at v = {v[i]:.4g}: got {got[i]:.6g} in forward mode, "
            f"{right[i]:.6g} in reverse mode",
            v[i],
        )


def second_order(function: Subject) -> None:
    """Expect second derivatives that agree with central differences of the first."""
    v, scale = 0.83 * FACTORS * function.scale, function.scale
    got = function.box.second(padded(v), function.finest).values[: len(v)]
    step = scale * (1e-5 if function.finest == "float64" else 1e-2)
    right = (function.gradient(v + step) - function.gradient(v - step)) / (2 * step)
    unit = max(abs(function.measured.peak) / scale, 1e-30)
    near = 1e-3 if function.finest == "float64" else 0.05
    wrong = ~(np.abs(got - right) <= near * unit)
    if wrong.any():
        i = int(np.argmax(np.where(wrong, np.abs(right), -1)))
        zero = " (0 everywhere, without a refusal)" if not got.any() else ""
        raise Failure(
            f"second derivative at v = {v[i]:.4g}: got {got[i]:.6g}{zero}, "
            f"the first one's slope is {right[i]:.6g}",
            v[i],
        )
