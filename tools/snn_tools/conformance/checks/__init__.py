"""Checks of spike functions; `CHECKS` lists them in their order."""

from collections.abc import Callable

from snn_tools.conformance.black_box import NotOffered
from snn_tools.conformance.checks import derivative, forward, random, structure
from snn_tools.conformance.subject import Failure, Outcome, Skipped, Subject, first_line

Check = Callable[[Subject], None]

CHECKS: tuple[Check, ...] = (
    structure.runs,
    forward.step,
    forward.threshold,
    derivative.claimed_derivative,
    derivative.sign,
    derivative.zero,
    derivative.peak,
    derivative.width,
    derivative.integral,
    derivative.symmetry,
    derivative.tails,
    forward.finite,
    forward.half_precision,
    structure.cotangent,
    structure.batch,
    structure.precision,
    structure.untouched,
    structure.jit,
    structure.vmap,
    derivative.forward_mode,
    derivative.second_order,
    random.randomness,
    random.rate,
    random.density,
)
"""All checks. A check returns nothing, or raises `Failure` or `Skipped`."""


def run(check: Check, function: Subject) -> Outcome:
    """Run a check on a function; an error of the function is a failure, too."""
    name = check.__name__
    try:
        check(function)
    except Failure as failure:
        return Outcome(name, "failed", str(failure), failure.at, failure.dtype)
    except (Skipped, NotOffered) as reason:
        return Outcome(name, "skipped", str(reason))
    except Exception as error:  # whatever a library raises
        return Outcome(name, "failed", f"raises {type(error).__name__}: {first_line(error)}")
    return Outcome(name, "passed")
