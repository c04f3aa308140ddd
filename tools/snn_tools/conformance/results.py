"""Run the checks, and print a table of spike functions with the failures."""

from typing import Any, NamedTuple

import numpy as np

from snn_tools.conformance.checks import CHECKS, run, runs
from snn_tools.conformance.subject import Outcome, Subject
from snn_tools.shared.printing import aligned


class Results(NamedTuple):
    """Spike function and the outcomes of its checks."""

    function: Subject
    outcomes: list[Outcome]

    @property
    def failures(self) -> list[Outcome]:
        """Return the failed checks."""
        return [outcome for outcome in self.outcomes if outcome.status == "failed"]

    def as_json(self) -> dict[str, Any]:
        """Return numbers and outcomes for JSON; infinite numbers become None."""
        function = self.function
        ran = self.outcomes[0].check != runs.__name__
        shape = vars(function.measured) if ran else {}
        return {
            "name": function.name,
            "call": function.call,
            "claim": function.claim.source,
            "precision": function.finest if ran else None,
            "at_threshold": _at_threshold(function) if ran else None,
            "shape": {k: float(f"{x:.6g}") if np.isfinite(x) else None for k, x in shape.items()},
            "passed": sum(o.status == "passed" for o in self.outcomes),
            "skipped": {o.check: o.message for o in self.outcomes if o.status == "skipped"},
            "failed": [
                {"check": o.check, "message": o.message, "reproduction": function.reproduction(o)}
                for o in self.failures
            ],
        }


def check(function: Subject) -> Results:
    """Run every check on a spike function, if the function runs at all."""
    first = run(runs, function)
    if first.status == "failed":
        return Results(function, [first])
    return Results(function, [run(check, function) for check in CHECKS])


def table(results: list[Results]) -> str:
    """Return a line for each function, then the failures with code to reproduce them."""
    header = ("function", "s(0)", "peak", "FWHM", "integral", "second", "checks")
    lines = aligned([header, *map(_row, results)])
    for function, outcome in ((one.function, o) for one in results for o in one.failures):
        lines += ["", f"{function.name}: {outcome.message} ({outcome.check})"]
        lines += [f"    {function.reproduction(outcome)}"]
    return "\n".join(lines)


def _row(results: Results) -> tuple[str, ...]:
    function, outcomes = results
    if outcomes[0].check == runs.__name__:
        return (function.name, *["-"] * 5, "does not run")
    shape = function.measured
    by_check = {outcome.check: outcome.status for outcome in outcomes}
    n_passed = sum(outcome.status == "passed" for outcome in outcomes)
    failed = ", ".join(outcome.check for outcome in results.failures)
    verdict = f"{n_passed} passed" + f", FAILED: {failed}" * bool(failed)
    return (
        function.name,
        f"{_at_threshold(function):g}",
        *(f"{x:.4g}" for x in (shape.peak, shape.width, shape.integral)),
        by_check["second_order"].replace("skipped", "-"),
        verdict,
    )


def _at_threshold(function: Subject) -> float:
    return float(function.spikes(np.zeros(1))[0])
