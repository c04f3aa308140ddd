"""The checks, one idea a file; `CHECKS` in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable

from snn_tools.conformance.black_box import NotOffered
from snn_tools.conformance.checks.derivative import claimed_derivative, sign, zero
from snn_tools.conformance.checks.finite import finite, half_precision
from snn_tools.conformance.checks.forward import step, threshold
from snn_tools.conformance.checks.higher import forward_mode, second_order
from snn_tools.conformance.checks.numbers import integral, peak, symmetry, tails, width
from snn_tools.conformance.checks.random import density, randomness, rate
from snn_tools.conformance.checks.structure import (
    batch,
    cotangent,
    jit,
    precision,
    runs,
    untouched,
    vmap,
)
from snn_tools.conformance.outcome import FAILED, PASSED, SKIPPED, Failure, Outcome, Skipped
from snn_tools.conformance.subject import Subject, first_line

Check = Callable[[Subject], None]

CHECKS: tuple[Check, ...] = (
    runs,
    step,
    threshold,
    claimed_derivative,
    sign,
    zero,
    peak,
    width,
    integral,
    symmetry,
    tails,
    finite,
    half_precision,
    cotangent,
    batch,
    precision,
    untouched,
    jit,
    vmap,
    forward_mode,
    second_order,
    randomness,
    rate,
    density,
)
"""Each takes a spike function and returns nothing, or raises `Failure` or `Skipped`."""


def run(check: Check, function: Subject) -> Outcome:
    """One check on one function; what the function itself raises is a failure too."""
    name = check.__name__
    try:
        check(function)
    except Failure as failure:
        return Outcome(name, FAILED, str(failure), failure.at, failure.dtype)
    except (Skipped, NotOffered) as reason:
        return Outcome(name, SKIPPED, str(reason))
    except Exception as error:  # whatever a library raises
        return Outcome(name, FAILED, f"raises {type(error).__name__}: {first_line(error)}")
    return Outcome(name, PASSED)


def run_all(function: Subject) -> list[Outcome]:
    """Every check on one function; where it does not even run, that one alone."""
    first = run(runs, function)
    if first.status == FAILED:
        return [first]
    return [first, *(run(check, function) for check in CHECKS[1:])]
