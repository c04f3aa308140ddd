"""Examine a network within a budget of time, one question after the other."""

import time

import jax
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.types import Params
from snn_tools.budget import GRADIENT, Clock
from snn_tools.comparison.problem import Problem
from snn_tools.comparison.truth import Truth, refuse_open
from snn_tools.doctor import shortened
from snn_tools.doctor.advice.code import of_code, of_compared, of_types, of_unused, of_zero
from snn_tools.doctor.advice.direction import of_direction, scope_of
from snn_tools.doctor.advice.shape import of_own, of_shape
from snn_tools.doctor.advice.table import without_alarm
from snn_tools.doctor.advice.trials import of_drawn, of_trials
from snn_tools.doctor.as_called import refuse_plain, with_operands
from snn_tools.doctor.direction import Direction, measure
from snn_tools.doctor.examined import Facts, Finding
from snn_tools.doctor.gradient_check import CodeTest, check, widened
from snn_tools.doctor.grid import YOURS
from snn_tools.doctor.loop import Loop, around
from snn_tools.doctor.probe import resets
from snn_tools.doctor.report import Report
from snn_tools.doctor.shortened import cut_sites, part_for_direction, part_of
from snn_tools.doctor.single_trials import SingleTrials, run_trials
from snn_tools.doctor.training_mode import refuse_training_mode

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

    The report covers spikes; size, noise and decay over time of the gradient; the network's code
    against finite differences; direction, length and signs against the true gradient, for several
    slopes and resets; and whether the surrogate gradient is a gradient at all. Ctrl-C ends the
    examination and returns the results so far. A terminal shows the progress.

    Args:
        program: the network, its input and its loss.
        params: the parameters of the network.
        key: a JAX random key for all noise. The number of trials depends on the machine.
        budget: seconds of processor time, or a text such as ``"30s"`` or ``"5min"``; on an
            accelerator, seconds of wall time. Compilation counts. A large network is examined in
            part (`snn_tools.doctor.shortened`). Single trials and tests of the code are made
            whatever the budget.
        surrogate: the surrogate gradient of the training.
        truth: meaning of the true gradient, as in `snn_tools.comparison.compare`; required for a
            network without noise.
        time_axis: axis of time among the axes of a layer's sites; None for a network without time.

    Returns:
        The report. Memory: the trials that run at once are chosen to take about
        `snn_tools.comparison.problem.MEMORY` bytes, besides 16 gradients of each of up to 16
        candidates in float64.

    Raises:
        ValueError: if the budget cannot be read, if ``truth`` is open, if a plain function has a
            loop over time, or if spikes follow the noise of another site.
    """
    timer = time.process_time if jax.default_backend() == "cpu" else time.monotonic
    clock, problem = Clock(budget, timer), Problem(program, params)
    refuse_training_mode(problem)
    refuse_plain(problem)
    refuse_open(truth, problem, {"yours": surrogate})
    problem = with_operands(problem)
    noise_key, check_key, measure_key, loop_key = jax.random.split(key, 4)
    sites, missing = problem.sites(), []
    most = min(shortened.SITES_OF_TRIALS, shortened.SITES_PER_SECOND * clock.budget)
    problem, part = part_of(problem, max(most, shortened.MANY_SITES))
    if part:
        missing.append(f"anything but {part}")
    clock.show("single trials")
    single = run_trials(problem, surrogate, noise_key, time_axis, clock)
    code, direction, loop = None, None, None
    if not single.trials.error:
        missing.append("dL/dv: the network changes the numbers that it draws")
    try:
        code = _test_code(single, check_key, clock, missing)
        if code.untested:
            missing.append(f"code of {', '.join(code.untested)}: no time")
        smaller, cost, words = part_for_direction(single.problem, single.cost, clock)
        part = single._replace(problem=smaller, cost=cost)
        direction = _find_direction(part, truth, measure_key, clock, missing)
        if direction and words:
            direction = direction.of_part(words)
            missing.append(f"true gradient: anything but {words}")
        loop = _go_round(direction, part, loop_key, clock, missing)
    except KeyboardInterrupt:
        clock.interrupted = True
    if clock.interrupted:
        stages = {"code": code, "direction": direction, "closed loop": loop}
        missing += _interrupted(stages, missing)
    clock.close()
    findings = _findings(single, code or CodeTest(), direction)
    return Report(
        facts=Facts(
            sites=sites,
            parameters=sum(leaf.size for leaf in single.arrays),
            trials=single.n_trials,
            seconds=clock.wall(),
            processor=time.process_time() - clock.processor,
            interrupted=clock.interrupted,
            bad_losses=single.bad_losses,
            surrogate=_described(single),
        ),
        findings=_ordered(findings),
        layers=single.layers,
        arrays=single.arrays,
        shapes=single.shapes,
        checks=code.checks if code else (),
        comparison=direction.comparison if direction else None,
        signs=direction.signs if direction else (),
        unbiased=direction.check if direction else None,
        loop=loop,
        missing=tuple(missing),
    )


def _interrupted(stages: dict[str, object], missing: list[str]) -> list[str]:
    """List the stages that an interruption left out, and the stage that it cut short."""
    words, done = [], [name for name, result in stages.items() if result is not None]
    for name, result in stages.items():
        if any(part.startswith(name) for part in missing):
            continue
        if result is None:
            words.append(f"{name}: interrupted")
        elif name == done[-1] != "code":
            words.append(f"{name}: interrupted, with the trials that were drawn by then")
    return words


def _test_code(single: SingleTrials, key: Array, clock: Clock, missing: list[str]) -> CodeTest:
    """Compare the derivatives of the network's code with finite differences, in the first trial."""
    clock.show("the network's code against finite differences")
    spikes = [layer.s for layer in single.trials.run.trace]
    first = jax.tree.map(lambda leaf: np.asarray(leaf)[0], (single.noise, spikes))
    noise, spikes = jax.device_put(first)

    problem, words = part_of(single.problem, shortened.MANY_SITES)
    if words:
        noise, spikes = cut_sites(problem, noise), cut_sites(problem, spikes)
        missing.append(f"code: tested on {words} alone")

    def tested(dtype: str) -> CodeTest:
        fine, xi, s = widened((problem, noise, spikes), dtype)
        return check(fine, xi, s, key, clock)

    try:
        with jax.enable_x64(True):
            return tested("float64")
    except (TypeError, ValueError):  # the code insists on its types
        return tested("float32")


def _find_direction(
    single: SingleTrials, truth: Truth, key: Array, clock: Clock, missing: list[str]
) -> Direction | None:
    """Compare the surrogate gradient with the true gradient, if both can be computed."""
    if single.own and single.surrogate is single.declared:  # no estimator can choose another
        why = "the network decides on its derivative itself"
    elif not single.finite:
        why = "loss or gradient is not finite"
    elif direction := measure(single.problem, single.surrogate, truth, key, clock, single.cost):
        missing += direction.missing
        return direction
    else:
        why = f"no time within {clock.budget:g} s"
    missing.append(f"direction and closed loop: {why}")
    return None


def _go_round(
    direction: Direction | None,
    single: SingleTrials,
    key: Array,
    clock: Clock,
    missing: list[str],
) -> Loop | None:
    """Make the closed-loop test, if there is a direction and time."""
    if direction is None or clock.interrupted:
        return None
    result = None
    if direction.bad:
        result = "losses or gradients are not finite"
    elif clock.left() > GRADIENT * single.cost.compiled:
        # The grid's form of the surrogate gradient is compiled already.
        result = around(single.problem, direction.grid[YOURS].surrogate, key, clock)
    if isinstance(result, Loop):
        return result
    if not clock.interrupted:
        missing.append(f"closed loop: {result or 'no time'}")
    return None


def _findings(single: SingleTrials, code: CodeTest, direction: Direction | None) -> list[Finding]:
    """Collect the findings, question by question."""
    checks = code.checks
    # Parameters behind a silent layer have no effect, which is the fault of the layer.
    silent = any(layer.silent == 1 for layer in single.layers)
    findings = [
        *of_code(checks, direction),
        *of_compared(code, direction),
        *([] if silent else of_unused(checks)),
        *of_types(single.types),
        *of_shape(single.shapes, single.surrogate, direction),
    ]
    if single.declared is not MATCHED:
        findings += of_own(single.own, single.shapes, single.declared, single.escapes)
    findings += of_trials(single.layers, single.arrays, single.n_trials, single.bad_losses)
    if direction is not None:
        findings += of_direction(direction, single.surrogate, scope_of(single.layers, single.steps))
        findings += of_drawn(direction.trials, direction.bad)
        findings = without_alarm(findings, direction.comparison, YOURS)
    return findings + of_zero(single.arrays, checks, findings, single.n_trials, silent)


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Put faults first, and report each cut only once."""
    once: list[Finding] = []
    for f in findings:
        arrays = {leaf for g in once if g.kind == f.kind for leaf in g.where.split(", ")}
        if f.kind != "cut" or f.where not in arrays | {a.split("/")[0] for a in arrays}:
            once.append(f)
    return tuple(sorted(once, key=lambda f: not f.fault))


def _described(single: SingleTrials) -> str:
    """Describe the surrogate gradient that was examined."""
    declared = single.declared
    function = getattr(declared.derivative, "func", declared.derivative)
    derivative = getattr(function, "__name__", None) or str(function)
    description = f"derivative {derivative}, as declared"
    if single.own:
        names = ", ".join(dict.fromkeys(called.name for called in single.own))
        description = f"the derivative of the network's own {names}, as called"
        description += "" if declared is MATCHED else f" (declared: {derivative})"
    reset = "no reset through spike.reset"
    if resets(single.problem):
        reset = f"reset {declared.reset.__name__}"
    return f"Surrogate gradient with {description}, {reset}, spikes by {declared.forward.__name__}"
