"""The examination: each question in turn, within a budget of time."""

import jax
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.types import Params
from snn_tools.budget import GRADIENT, Clock
from snn_tools.check import refuse_foreign_noise
from snn_tools.comparison.problem import Problem
from snn_tools.comparison.truth import Truth, refuse_open
from snn_tools.doctor.advice.code import of_code, of_compared, of_types, of_unused
from snn_tools.doctor.advice.direction import of_direction, scope_of
from snn_tools.doctor.advice.shape import of_own, of_shape
from snn_tools.doctor.advice.trials import of_drawn, of_trials
from snn_tools.doctor.as_called import refuse_plain, with_operands
from snn_tools.doctor.direction import Direction, measure
from snn_tools.doctor.examined import Finding
from snn_tools.doctor.loop import Loop, around
from snn_tools.doctor.plumbing import Check, check, widened
from snn_tools.doctor.probe import resets
from snn_tools.doctor.report import Facts, Report
from snn_tools.doctor.seen import Seen, look

MATCHED = Surrogate()


def examine(
    program: Program,
    params: Params,
    key: Array,
    *,
    budget: str | float | int = "1min",
    surrogate: Surrogate = MATCHED,
    truth: Truth = None,
    time_axis: int | None = 0,
) -> Report:
    """Examine a network and the surrogate gradient that trains it, layer by layer.

    Spikes; the gradient's size, noise and way back in time; the network's own code against finite
    differences; direction, length and signs against the true gradient, over slopes and resets; and
    whether it is a gradient at all. Ctrl-C returns what is known by then. On a terminal it shows
    how far it is.

    Args:
        program: the network, its input and its loss.
        params: the parameters at which it is examined.
        key: a JAX random key; decides all noise. How many trials there is time for depends on the
            machine.
        budget: seconds, or a text such as ``"30s"`` or ``"5min"``. Compilation counts, but what is
            begun is finished: a large network may take longer than a small budget.
        surrogate: what the network is trained with.
        truth: what the true gradient is, as in `snn_tools.comparison.compare`; must be said for a
            network without noise.
        time_axis: axis of time among those of a layer's sites; None for a network without time.

    Returns:
        The report. Memory: the trials that run at once are chosen to take about
        `snn_tools.comparison.problem.MEMORY` bytes, besides 16 gradients of each of up to 16
        candidates in float64.

    Raises:
        ValueError: for a budget that is none, a ``truth`` that is open, a plain function with a
            loop over time, or spikes made of another site's noise.
    """
    clock, problem = Clock(budget), Problem(program, params)
    refuse_plain(problem)
    refuse_open(truth, problem, {"yours": surrogate})
    problem = with_operands(problem)
    noise_key, check_key, measure_key, loop_key = jax.random.split(key, 4)
    refuse_foreign_noise(*problem, check_key)
    clock.says("single trials")
    seen = look(problem, surrogate, noise_key, time_axis, clock)
    checks, compared, direction, loop = (), (), None, None
    missing = [] if seen.trials.error else ["dL/dv: the network changes the numbers that it draws"]
    try:
        checks, compared = _test_code(seen, check_key, clock)
        direction = _find_direction(seen, truth, measure_key, clock, missing)
        loop = _go_round(direction, seen, loop_key, clock, missing)
    except KeyboardInterrupt:
        clock.interrupted = True
    clock.close()
    return Report(
        facts=Facts(
            sites=problem.sites(),
            parameters=sum(leaf.size for leaf in seen.arrays),
            trials=seen.n_trials,
            seconds=clock.elapsed(),
            interrupted=clock.interrupted,
            bad_losses=seen.bad_losses,
            surrogate=_described(seen),
        ),
        findings=_ordered(_findings(seen, checks, compared, direction)),
        layers=seen.layers,
        arrays=seen.arrays,
        shapes=seen.shapes,
        checks=checks,
        comparison=direction.comparison if direction else None,
        signs=direction.signs if direction else (),
        unbiased=direction.check if direction else None,
        loop=loop,
        missing=tuple(missing),
    )


def _test_code(seen: Seen, key: Array, clock: Clock) -> tuple[tuple[Check, ...], tuple[str, ...]]:
    """Hold the network's code against finite differences, at the first trial."""
    clock.says("the network's code against finite differences")
    spikes = [layer.s for layer in seen.trials.run.trace]
    noise, spikes = jax.tree.map(lambda leaf: leaf[0], (seen.noise, spikes))

    def tested(dtype: str) -> tuple[tuple[Check, ...], tuple[str, ...]]:
        fine, xi, s = widened((seen.problem, noise, spikes), dtype)
        return check(fine, xi, s, key)

    try:
        with jax.enable_x64(True):
            return tested("float64")
    except (TypeError, ValueError):  # the code insists on its types
        return tested("float32")


def _find_direction(
    seen: Seen, truth: Truth, key: Array, clock: Clock, missing: list[str]
) -> Direction | None:
    """Compare the surrogate gradient with the true one, where both can be had."""
    if seen.own and seen.surrogate is seen.declared:  # no estimator can choose another
        why = "the network decides on its derivative itself"
    elif not seen.finite:
        why = "loss or gradient is not finite"
    elif found := measure(seen.problem, seen.surrogate, truth, key, clock, seen.cost):
        missing += found.missing
        return found
    else:
        why = f"no time within {clock.budget:g} s"
    missing.append(f"direction and closed loop: {why}")
    return None


def _go_round(
    direction: Direction | None, seen: Seen, key: Array, clock: Clock, missing: list[str]
) -> Loop | None:
    """Make the closed-loop test, if there is a direction and time."""
    if direction is None:
        return None
    found = None
    if direction.bad:
        found = "losses or gradients are not finite"
    elif not clock.interrupted and clock.left() > GRADIENT * seen.cost.compiled:
        found = around(seen.problem, seen.surrogate, key, clock)
    if isinstance(found, Loop):
        return found
    missing.append(f"closed loop: {found or 'no time'}")
    return None


def _findings(
    seen: Seen, checks: tuple[Check, ...], compared: tuple[str, ...], direction: Direction | None
) -> list[Finding]:
    """Collect what is to be said, question by question."""
    # Behind a silent layer nothing is used, which is the layer's fault.
    silent = any(layer.silent == 1 for layer in seen.layers)
    found = [
        *of_code(checks, direction),
        *of_compared(checks, compared),
        *([] if silent else of_unused(checks)),
        *of_types(seen.types),
        *of_shape(seen.shapes, seen.surrogate, direction),
    ]
    if seen.declared is not MATCHED:
        found += of_own(seen.own, seen.shapes, seen.declared, seen.escapes)
    found += of_trials(seen.layers, seen.arrays, seen.n_trials, seen.bad_losses)
    if direction is not None:
        found += of_direction(direction, seen.surrogate, scope_of(seen.layers, seen.steps))
        found += of_drawn(direction.trials, direction.bad)
    return found


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Put faults first, and tell the same cut once."""
    once: list[Finding] = []
    for f in findings:
        arrays = {leaf for g in once if g.kind == f.kind for leaf in g.where.split(", ")}
        if f.kind != "cut" or f.where not in arrays | {a.split("/")[0] for a in arrays}:
            once.append(f)
    return tuple(sorted(once, key=lambda f: not f.fault))


def _described(seen: Seen) -> str:
    """Say, for the first line, which derivative was examined."""
    declared = seen.declared
    function = getattr(declared.derivative, "func", declared.derivative)
    derivative = getattr(function, "__name__", None) or str(function)
    which = f"derivative {derivative}, as declared"
    if seen.own:
        names = ", ".join(dict.fromkeys(called.name for called in seen.own))
        which = f"the derivative of the network's own {names}, as called"
        which += "" if declared is MATCHED else f" (declared: {derivative})"
    reset = "no reset through spike.reset"
    if resets(seen.problem):
        reset = f"reset {declared.reset.__name__}"
    return f"Surrogate gradient with {which}, {reset}, spikes by {declared.forward.__name__}"
