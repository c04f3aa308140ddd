"""Checks of spike functions; `CHECKS` lists them in their order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from snn_tools.shared.printing import aligned
from snn_tools.shared.shape import FAR, GRID, Shape

FACTORS = np.array([-2.0, -1.1, -0.6, -0.2, 0.3, 0.5, 0.9, 1.3, 2.2])
PLACES = np.outer([-1, 1], np.sqrt(2) * np.logspace(-3, 2.5, 512)).ravel()
"""Multiples of half the width for comparisons; none is an edge of a box or triangle."""

RANGE = np.append(GRID[np.abs(GRID) > 1e-5], [0.0, -0.0])


class Skipped(Exception):
    """Reason why a check does not apply, such as a derivative that the function does not have."""


class Outcome(NamedTuple):
    """Outcome of a check: its name, "passed", "failed" or "skipped", and the reason."""

    check: str
    status: str
    message: str = ""


@dataclass(frozen=True)
class Claim:
    """Claims about a spike function; a claim of None is measured, not judged.

    Attributes:
        derivative: derivative in closed form, of float64 arrays. Width and integral then follow.
        width: full width at half maximum of the derivative.
        integral: integral of the derivative; 1 for a density.
        at_threshold: spike at v = 0, 0 or 1.
    """

    derivative: Callable[[np.ndarray], np.ndarray] | None = None
    width: float | None = None
    integral: float | None = None
    at_threshold: float | None = None


@dataclass(frozen=True)
class Subject:
    """Spike function under examination.

    Attributes:
        name: name in reports.
        adapter: function of JAX or PyTorch, as `JaxFunction` or `TorchFunction`. Its methods take
            potentials minus threshold in float64, and return values in the function's type. A
            missing derivative or transformation raises `Skipped`.
        claim: claims about the function; none by default.
    """

    name: str
    adapter: Any
    claim: Claim = field(default_factory=Claim)

    @cached_property
    def fine(self) -> bool:
        """Return whether the derivative preserves float64; otherwise it is float32."""
        return self.adapter.gradient(padded(0.5)).dtype == np.float64

    @property
    def rtol(self) -> float:
        """Return the tolerance for rounding, relative to the peak of the derivative."""
        return 1e-6 if self.fine else 2e-4

    def spikes(self, v: np.ndarray) -> np.ndarray:
        """Return the spikes at up to as many potentials as `GRID` has."""
        return self.adapter.spikes(padded(v))[: len(v)]

    def gradient(self, v: np.ndarray) -> np.ndarray:
        """Return the derivative at up to as many potentials as `GRID` has."""
        return self.adapter.gradient(padded(v))[: len(v)]

    @cached_property
    def measured(self) -> Shape:
        """Measure peak, width and integral."""
        return Shape.of_function(self.gradient)

    @cached_property
    def claimed(self) -> Shape | None:
        """Measure the claimed derivative in the same way."""
        return Shape.of_function(self.claim.derivative) if self.claim.derivative else None

    @property
    def scale(self) -> float:
        """Return half the width of the derivative, or 1 without a width."""
        reference = self.claimed or self.measured
        return reference.width / 2 if reference.falls_off else 1.0


def padded(v: Any) -> np.ndarray:
    """Repeat the last potential up to the size of `GRID`: JAX compiles for every shape anew."""
    v = np.atleast_1d(np.asarray(v, np.float64))
    return np.concatenate([v, np.full(len(GRID) - len(v), v[-1])])


def threshold(function: Subject) -> str:
    """Expect 0 or 1 at v = 0, as claimed."""
    s = float(function.spikes(np.zeros(1))[0])
    claimed = function.claim.at_threshold
    if s not in (0.0, 1.0) or (claimed is not None and s != claimed):
        right = "0 or 1" if claimed is None else f"{claimed:g}, as claimed"
        return f"spike at v = 0: got {s:g}, expected {right}"
    return ""


def finite(function: Subject) -> str:
    """Expect finite spikes and derivatives."""
    for what in ("spikes", "gradient"):
        values = getattr(function, what)(RANGE)
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            i = bad[np.abs(RANGE[bad]).argmin()]
            at = f"{values[i]} at v = {RANGE[i]:.4g}"
            return f"{what}: got {at}, expected finite numbers over +-1e4"
    return ""


def claimed_derivative(function: Subject) -> str:
    """Expect the claimed derivative on both sides, from the peak into the tails."""
    if function.claim.derivative is None:
        raise Skipped("no derivative is claimed")
    v = np.clip(PLACES * function.scale, -FAR, FAR)
    got, right = function.gradient(v), function.claim.derivative(v)
    allowed = function.rtol * np.abs(right).max() + 10 * function.rtol * np.abs(right)
    wrong = np.abs(got - right) > allowed  # NaN is never larger; another check reports it
    if wrong.any():
        near = wrong & (np.abs(v) < 3 * function.scale)  # prefer potentials that occur in networks
        wrong = near if near.any() else wrong
        worst = int(np.argmax(np.where(wrong, np.abs(got - right), -1)))
        return (
            f"derivative at v = {v[worst]:.4g}: got {got[worst]:.6g}, "
            f"claimed {right[worst]:.6g}{_factor(got, right)}"
        )
    return ""


def _factor(got: np.ndarray, right: np.ndarray) -> str:
    """Return the common factor between the two as text, if there is one."""
    there = np.abs(right) > 1e-3 * np.abs(right).max()
    ratio = got[there] / right[there]
    if np.isfinite(ratio).all() and np.ptp(ratio) <= 1e-3 * np.abs(ratio).max():
        return f" (everywhere {ratio.mean():.4g} times the claim)"
    return ""


def width(function: Subject) -> str:
    """Expect the claimed full width at half maximum."""
    return _as_claimed(function, "width", max(function.rtol, 1e-3))


def integral(function: Subject) -> str:
    """Expect the claimed integral over all potentials; 1 for the density of a noise."""
    return _as_claimed(function, "integral", 0.01)


def _as_claimed(function: Subject, name: str, rtol: float) -> str:
    claimed = getattr(function.claim, name, None)
    if claimed is None:
        if function.claimed is None:
            raise Skipped(f"no {name} is claimed")
        claimed = getattr(function.claimed, name)
    got = getattr(function.measured, name)
    right = got == claimed or abs(got - claimed) <= rtol * abs(claimed)
    return "" if right else f"{name}: got {got:.6g}, claimed {claimed:.6g}"


def batch(function: Subject) -> str:
    """Expect unchanged shapes, and elements of a batch that are independent."""
    v = FACTORS * function.scale
    whole, spikes = function.gradient(v), function.spikes(v)
    for shape in ((), (3, 3), (0,)):
        some = v[: int(np.prod(shape))].reshape(shape)
        for what, expected in (("spikes", spikes), ("gradient", whole)):
            got = getattr(function.adapter, what)(some)
            if got.shape != shape:
                return f"{what} of an array of shape {shape}: got shape {got.shape}"
            right = expected[: some.size].reshape(shape)
            near = 10 * function.rtol * np.abs(whole).max()
            if not np.allclose(got, right, atol=near, rtol=0):
                return (
                    f"{what} at v = {some.ravel()[0]:.4g} depends on the rest of the batch: "
                    f"{got.ravel()[0]:.6g} in shape {shape}, {right.ravel()[0]:.6g} among 9"
                )
    return ""


def vmap(function: Subject) -> str:
    """Expect the same results when mapped over a batch axis."""
    v = padded(FACTORS * function.scale)
    right = function.spikes(v), function.gradient(v)
    for what, got, expected in zip(
        ("spikes", "gradient"), function.adapter.mapped(v), right, strict=True
    ):
        near = 10 * function.rtol * max(np.abs(expected).max(), 1e-30)
        if got.shape != expected.shape or not np.allclose(got, expected, atol=near, rtol=0):
            return f"{what} under vmap: got {got[:3]}, without it {expected[:3]}"
    return ""


def second_order(function: Subject) -> str:
    """Expect second derivatives that agree with central differences of the first."""
    v, scale = 0.83 * FACTORS * function.scale, function.scale
    got = function.adapter.second(padded(v))[: len(v)]
    step = scale * (1e-5 if function.fine else 1e-2)
    right = (function.gradient(v + step) - function.gradient(v - step)) / (2 * step)
    unit = max(abs(function.measured.peak) / scale, 1e-30)
    wrong = ~(np.abs(got - right) <= (1e-3 if function.fine else 0.05) * unit)
    if wrong.any():
        i = int(np.argmax(np.where(wrong, np.abs(right), -1)))
        zero = " (0 everywhere, without a refusal)" if not got.any() else ""
        return (
            f"second derivative at v = {v[i]:.4g}: got {got[i]:.6g}{zero}, "
            f"the first one's slope is {right[i]:.6g}"
        )
    return ""


Check = Callable[[Subject], str]

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
"""All checks. A check returns why it fails, "" if it passes, or raises `Skipped`."""


def run(function: Subject) -> list[Outcome]:
    """Run every check on a function, if the function runs at all."""
    runs = _outcome(_runs, function)
    return [_outcome(check, function) for check in CHECKS] if runs.status == "passed" else [runs]


def _runs(function: Subject) -> str:
    function.gradient(np.array([-1.0, 0.5]))
    return ""


def _outcome(check: Check, function: Subject) -> Outcome:
    name = check.__name__.removeprefix("_")
    try:
        message = check(function)
    except Skipped as reason:
        return Outcome(name, "skipped", str(reason))
    except Exception as error:  # whatever a library raises
        first = str(error).strip().partition("\n")[0]
        message = f"raises {type(error).__name__}: {first[:160]}"
    return Outcome(name, "failed" if message else "passed", message)


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
