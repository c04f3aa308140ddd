"""Checks of spike functions; `CHECKS` lists them in their order."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from snn_tools.conformance.function import NotOffered, Subject, first_line, padded
from snn_tools.shared.measured import GRID, SIZE
from snn_tools.shared.printing import aligned

FACTORS = np.array([-2.0, -1.1, -0.6, -0.2, 0.3, 0.5, 0.9, 1.3, 2.2])
PLACES = np.outer([-1, 1], np.sqrt(2) * np.logspace(-3, 2.5, SIZE // 2)).ravel()
"""Multiples of the width for comparisons; none is an edge of a box or triangle."""

RANGE = np.append(GRID[np.abs(GRID) > 1e-5], [0.0, -0.0])


class Failure(Exception):
    """Failure of a check, with what was got and expected."""


class Skipped(Exception):
    """Reason why a check does not apply."""


class Outcome(NamedTuple):
    """Outcome of a check: its name, "passed", "failed" or "skipped", and the reason."""

    check: str
    status: str
    message: str = ""


def threshold(function: Subject) -> None:
    """Expect 0 or 1 at v = 0, as claimed."""
    s = float(function.spikes(np.zeros(1))[0])
    claimed = function.claim.at_threshold
    if s not in (0.0, 1.0) or (claimed is not None and s != claimed):
        right = "0 or 1" if claimed is None else f"{claimed:g}, as claimed"
        raise Failure(f"spike at v = 0: got {s:g}, expected {right}")


def finite(function: Subject) -> None:
    """Expect finite spikes and derivatives in every precision that is offered."""
    v = np.resize(RANGE, SIZE)
    for dtype in sorted(function.offered, key="float32".__ne__):  # as most users
        for what in ("spikes", "gradient"):
            values = getattr(function.adapter, what)(v, dtype).values
            if not np.isfinite(values).all():
                bad = np.flatnonzero(~np.isfinite(values))
                i = bad[np.abs(v[bad]).argmin()]
                raise Failure(
                    f"{what} in {dtype}: got {values[i]} at v = {v[i]:.4g}, "
                    f"expected finite numbers over +-1e4"
                )


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
            f"claimed {right[worst]:.6g}{_factor(got, right)}"
        )


def _factor(got: np.ndarray, right: np.ndarray) -> str:
    """Return the common factor between the two as text, if there is one."""
    there = np.abs(right) > 1e-3 * np.abs(right).max()
    ratio = got[there] / right[there]
    if np.isfinite(ratio).all() and np.ptp(ratio) <= 1e-3 * np.abs(ratio).max():
        return f" (everywhere {ratio.mean():.4g} times the claim)"
    return ""


def width(function: Subject) -> None:
    """Expect the claimed full width at half maximum."""
    _as_claimed(function, "width", max(function.rtol, 1e-3))


def integral(function: Subject) -> None:
    """Expect the claimed integral over all potentials; 1 for the density of a noise."""
    _as_claimed(function, "integral", 0.01)


def _as_claimed(function: Subject, name: str, rtol: float) -> None:
    claimed = getattr(function.claim, name, None)
    if claimed is None:
        if function.claimed is None:
            raise Skipped(f"no {name} is claimed")
        claimed = getattr(function.claimed, name)
    got = getattr(function.measured, name)
    if not (got == claimed or abs(got - claimed) <= rtol * abs(claimed)):
        raise Failure(f"{name}: got {got:.6g}, claimed {claimed:.6g}")


def batch(function: Subject) -> None:
    """Expect unchanged shapes, and elements of a batch that are independent."""
    v, dtype = FACTORS * function.scale, function.finest
    whole, spikes = function.gradient(v), function.spikes(v)
    for shape in ((), (3, 3), (0,)):
        some = v[: int(np.prod(shape))].reshape(shape)
        for what, expected in (("spikes", spikes), ("gradient", whole)):
            got = getattr(function.adapter, what)(some, dtype).values
            if got.shape != shape:
                raise Failure(f"{what} of an array of shape {shape}: got shape {got.shape}")
            right = expected[: some.size].reshape(shape)
            near = 10 * function.rtol * np.abs(whole).max()
            if not np.allclose(got, right, atol=near, rtol=0):
                raise Failure(
                    f"{what} at v = {some.ravel()[0]:.4g} depends on the rest of the batch: "
                    f"{got.ravel()[0]:.6g} in shape {shape}, {right.ravel()[0]:.6g} among 9"
                )


def vmap(function: Subject) -> None:
    """Expect the same results when mapped over a batch axis."""
    v, dtype = padded(FACTORS * function.scale), function.finest
    spikes, gradient = function.adapter.mapped(v, dtype)
    pairs = (
        ("spikes", spikes.values, function.adapter.spikes(v, dtype).values),
        ("gradient", gradient.values, function.gradient(v)),
    )
    for what, got, right in pairs:
        near = 10 * function.rtol * max(np.abs(right).max(), 1e-30)
        if got.shape != right.shape or not np.allclose(got, right, atol=near, rtol=0):
            raise Failure(f"{what} under vmap: got {got[:3]}, without it {right[:3]}")


def second_order(function: Subject) -> None:
    """Expect second derivatives that agree with central differences of the first."""
    v, scale = 0.83 * FACTORS * function.scale, function.scale
    got = function.adapter.second(padded(v), function.finest).values[: len(v)]
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
            f"the first one's slope is {right[i]:.6g}"
        )


Check = Callable[[Subject], None]

CHECKS: tuple[Check, ...] = (
    finite,
    threshold,
    claimed_derivative,
    width,
    integral,
    batch,
    vmap,
    second_order,
)
"""All checks. A check returns nothing, or raises `Failure` or `Skipped`."""


def run(function: Subject) -> list[Outcome]:
    """Run every check on a function, if the function runs at all in single precision."""
    if error := function.error("float32"):
        return [Outcome("runs", "failed", f"raises {error}")]
    return [_outcome(check, function) for check in CHECKS]


def _outcome(check: Check, function: Subject) -> Outcome:
    name = check.__name__
    try:
        check(function)
    except Failure as failure:
        return Outcome(name, "failed", str(failure))
    except (Skipped, NotOffered) as reason:
        return Outcome(name, "skipped", str(reason))
    except Exception as error:  # whatever a library raises
        return Outcome(name, "failed", f"raises {type(error).__name__}: {first_line(error)}")
    return Outcome(name, "passed")


def table(functions: Sequence[Subject]) -> str:
    """Run all checks; return a line for each function, and the failures."""
    lines: list[str] = []
    rows: list[tuple[str, ...]] = [("function", "s(0)", "peak", "FWHM", "integral", "checks")]
    for function in functions:
        outcomes = run(function)
        failed = [outcome for outcome in outcomes if outcome.status == "failed"]
        lines += [f"{function.name}: {o.message} ({o.check})" for o in failed]
        if outcomes[0].check == "runs":
            rows.append((function.name, *["-"] * 4, "does not run"))
            continue
        verdict = f"{sum(outcome.status == 'passed' for outcome in outcomes)} passed"
        verdict += f", FAILED: {', '.join(outcome.check for outcome in failed)}" * bool(failed)
        shape = function.measured
        numbers = function.spikes(np.zeros(1))[0], shape.peak, shape.width, shape.integral
        rows.append((function.name, *(f"{x:.4g}" for x in numbers), verdict))
    return "\n".join([*aligned(rows), *[""] * bool(lines), *lines])
