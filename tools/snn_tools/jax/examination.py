"""Examine a network within a budget of time, one question after the other."""

from typing import Any

import jax
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.spikes import sample
from snn.surrogate import MultilayerSpiker
from snn.types import Params
from snn_tools.jax import shortened
from snn_tools.jax.code import (
    cost_of,
    of_compared,
    of_own,
    of_redrawn,
    of_types,
    of_unused,
    of_zero,
)
from snn_tools.jax.compiled import quick_compilation
from snn_tools.jax.direction import Direction, measure
from snn_tools.jax.gradient_check import CodeTest, check, widened
from snn_tools.jax.plain import is_adopted, with_loops, with_operands
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem
from snn_tools.jax.shortened import cut_sites, part_for_direction, part_of
from snn_tools.jax.single_trials import SingleTrials, run_trials
from snn_tools.jax.training_mode import refuse_training_mode
from snn_tools.jax.truth import Truth, refuse_open
from snn_tools.shared import rules
from snn_tools.shared.budget import Clock
from snn_tools.shared.report import YOURS, Facts, Finding, Report

MATCHED = Surrogate()
WORDS = rules.Words("a stop_gradient", "JAX", "snn", noisy=True)


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

    The report covers spikes with and without noise; size, noise and decay of the gradient over time
    and through depth; the network's code against finite differences; direction, length and signs
    against the true gradient, also with a quarter of the slope and with the other reset. A terminal
    shows the progress.

    Args:
        program: the network, its input and its loss. A plain function may have a `jax.lax.scan`
            over time.
        params: the parameters of the network.
        key: a JAX random key for all noise. The number of trials depends on the machine.
        budget: seconds of the clock, or a text such as ``"30s"`` or ``"5min"``; compilation counts,
            and single trials and tests of the code are made whatever the budget. A large network is
            examined in part (`snn_tools.jax.shortened`).
        surrogate: the surrogate gradient of the training.
        truth: meaning of the true gradient, as in `snn_tools.doctor.compare`; required for a
            network without noise.
        time_axis: axis of time among the axes of a layer's sites; None for a network without time.

    Returns:
        The report. Memory: the trials that run at once are chosen to take about
        `snn_tools.jax.problem.MEMORY` bytes.

    Raises:
        ValueError: if the budget cannot be read, if ``truth`` is open, or if spikes follow the
            noise of another site.
    """
    clock = Clock(budget)
    with quick_compilation():
        return _examine(Problem(program, params), key, clock, surrogate, (truth, time_axis))


def _examine(
    problem: Problem, key: Array, clock: Clock, surrogate: Surrogate, meaning: tuple[Any, Any]
) -> Report:
    truth, time_axis = meaning
    refuse_training_mode(problem)
    problem = with_loops(problem)
    refuse_open(truth, problem, {YOURS: surrogate})
    problem = with_operands(problem)
    noise_key, check_key, measure_key = jax.random.split(key, 3)
    sites, missing = problem.sites(), []
    most = min(shortened.SITES_OF_TRIALS, shortened.SITES_PER_SECOND * clock.budget)
    problem, part = part_of(problem, max(most, shortened.MANY_SITES))
    if part:
        missing.append(f"anything but {part}")
    clock.show("single trials")
    single = run_trials(problem, surrogate, noise_key, time_axis, clock)
    if not single.trials.error:
        missing.append("dL/dv: the network changes the numbers that it draws")
    code = _test_code(single, check_key, clock, missing)
    if code.untested:
        missing.append(f"code of {', '.join(code.untested)}: no time")
    smaller, cost, words = part_for_direction(single.problem, single.cost, clock)
    part = single._replace(problem=smaller, cost=cost)
    direction = _find_direction(part, truth, measure_key, clock, missing)
    if direction and words:
        direction = direction.of_part(words)
        missing.append(f"true gradient: anything but {words}")
    clock.show("")
    return Report(
        facts=Facts(
            sites=sites,
            parameters=sum(leaf.size for leaf in single.arrays),
            trials=single.n_trials,
            seconds=clock.elapsed(),
            bad_losses=single.bad_losses,
            surrogate=_described(single),
        ),
        findings=rules.ordered(_findings(single, code, direction)),
        layers=single.layers,
        arrays=single.arrays,
        shapes=single.shapes,
        checks=code.checks,
        comparison=direction.comparison if direction else None,
        unbiased=direction.check if direction else None,
        slopes=rules.slopes_of(single.layers, WORDS),
        missing=tuple(missing),
    )


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
        return direction
    else:
        why = f"no time within {clock.budget:g} s"
    missing.append(f"direction: {why}")
    return None


def _findings(single: SingleTrials, code: CodeTest, direction: Direction | None) -> list[Finding]:
    """Collect the findings, question by question."""
    # The noise of a network that trains without noise is only a means of the examination.
    noisy = single.surrogate.forward is sample and not is_adopted(single.problem)
    words = WORDS._replace(noisy=noisy)
    # Parameters behind a silent layer have no effect, which is the fault of the layer.
    silent = any(layer.silent == 1 and not layer.unused for layer in single.layers)
    layers, shapes = rules.used_alone(single.layers, single.shapes)
    names = [str(layer.index) for layer in layers]
    bump = not isinstance(single.surrogate.derivative, MultilayerSpiker)
    findings = [
        *of_redrawn(single),
        *rules.of_code(code.checks, words, cost_of(direction)),
        *of_compared(code, direction),
        *([] if silent else of_unused(code.checks)),
        *of_types(single.types),
        *rules.of_shapes(names, shapes, words, bump),
    ]
    if single.declared is not MATCHED:
        findings += of_own(single.own, single.shapes, single.declared, single.escapes)
    trials = single.n_trials
    findings += rules.of_layers(single.layers, single.shapes, trials, words)
    findings += rules.of_numbers(single.arrays, trials, single.bad_losses)
    if direction is not None:
        findings += rules.of_drawn(direction.trials, direction.bad)
        if not direction.bad:
            reset, half = single.surrogate.reset.__name__, single.shapes[0][0].half
            findings += rules.of_direction(direction.comparison, words, silent, half)
            findings += rules.of_candidates(direction.comparison, reset, direction.resets)
            findings = rules.without_alarm(findings, direction.comparison)
    return findings + of_zero(single, code.checks, findings, silent)


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
