"""Examine a network within a budget of time, one question after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program
from snn.spikes import sample
from snn.surrogate import MultilayerSpiker
from snn.types import Params
from snn_tools.jax.code import check
from snn_tools.jax.direction import Direction, measure
from snn_tools.jax.plain import NoiseOfCall, as_loop, is_adopted, with_operands
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem
from snn_tools.jax.single_trials import SingleTrials, redrawn, run_trials
from snn_tools.jax.truth import Truth, refuse_open
from snn_tools.shared import rules
from snn_tools.shared.budget import Clock
from snn_tools.shared.gradient_check import Check
from snn_tools.shared.report import YOURS, Facts, Finding, Report

MATCHED = Surrogate()
WORDS = rules.Words("a stop_gradient or a comparison", "JAX", "snn", noisy=True)

REDRAWN = rules.Rule(
    "redrawn",
    "two layers have the same potentials and draw their spikes separately: a neuron sends one "
    "spike and resets by another",
    "draw once: s = spikes(u - threshold), and use s for the output and for the reset",
    "measured in {trials} trials",
)


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
    and through depth; the network's code against finite differences; direction and length against
    the true gradient, also with a quarter of the slope and with the other reset.

    Args:
        program: the network, its input and its loss. `snn_tools.doctor.adopted` makes a network of
            a plain function with a `jax.lax.scan` over time.
        params: the parameters of the network.
        key: a JAX random key for all noise. The number of trials depends on the machine.
        budget: seconds of the clock, or a text such as ``"30s"`` or ``"5min"``; compilation counts,
            and single trials and tests of the code are made whatever the budget.
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
    with _quick_compilation():
        return _examine(Problem(program, params), key, clock, surrogate, (truth, time_axis))


@contextmanager
def _quick_compilation() -> Iterator[None]:
    """Leave out the compiler's costly passes, which takes a fifth of the time."""
    setting = "jax_disable_most_optimizations"
    before = jax.config.read(setting)
    jax.config.update(setting, True)
    try:
        yield
    finally:
        jax.config.update(setting, before)


def _examine(
    problem: Problem, key: Array, clock: Clock, surrogate: Surrogate, meaning: tuple[Any, Any]
) -> Report:
    truth, time_axis = meaning
    problem = as_loop(problem)
    refuse_open(truth, problem, {YOURS: surrogate})
    problem = with_operands(problem)
    noise_key, measure_key = jax.random.split(key)
    single = run_trials(problem, surrogate, noise_key, time_axis, clock)
    missing = []
    spikes = [np.asarray(layer.s[0]) for layer in single.trials.run.trace]
    checks = check(problem, spikes, time_axis, clock)
    direction, why = None, "loss or gradient is not finite"
    if single.finite:
        direction = measure(problem, single.surrogate, truth, measure_key, clock, single.compiled)
        why = f"no time within {clock.budget:g} s: more time, fewer examples or fewer steps"
    if direction is None:
        missing.append(f"direction: {why}")
    return Report(
        facts=Facts(
            sites=problem.sites(),
            parameters=sum(leaf.size for leaf in single.arrays),
            trials=single.n_trials,
            seconds=clock.elapsed(),
            bad_losses=single.bad_losses,
            surrogate=_described(single),
        ),
        findings=rules.ordered(_findings(single, checks, direction)),
        layers=single.layers,
        arrays=single.arrays,
        shapes=single.shapes,
        checks=tuple(checks),
        comparison=direction.comparison if direction else None,
        unbiased=direction.check if direction else None,
        slopes=rules.slopes_of(single.layers, WORDS),
        missing=tuple(missing),
    )


def _findings(
    single: SingleTrials, checks: list[Check], direction: Direction | None
) -> list[Finding]:
    """Collect the findings, question by question."""
    # The noise of a network that trains without noise is only a means of the examination.
    noisy = single.surrogate.forward is sample and not is_adopted(single.problem)
    words, trials = WORDS._replace(noisy=noisy), single.n_trials
    # Parameters behind a silent layer have no effect, which is the fault of the layer.
    silent = any(layer.silent == 1 and not layer.unused for layer in single.layers)
    layers, shapes = rules.used_alone(single.layers, single.shapes)
    bump = not isinstance(single.surrogate.derivative, MultilayerSpiker)
    twice = redrawn(single.trials)
    findings = [f for i, j in twice for f in REDRAWN.find(f"layer {i}, {j}", trials=trials)]
    if is_adopted(single.problem):
        findings += _of_chain(single)
    findings += rules.of_code(checks, words, silent)
    findings += rules.of_zeros(single.arrays, single.layers, checks, trials, words)
    findings += rules.of_shapes([str(layer.index) for layer in layers], shapes, words, bump)
    findings += rules.of_layers(single.layers, single.shapes, trials, words)
    findings += rules.of_numbers(single.arrays, trials, single.bad_losses)
    if direction is None:
        return findings
    findings += rules.of_drawn(direction.trials, direction.bad)
    if direction.bad:
        return findings
    reset, half = single.surrogate.reset.__name__, single.shapes[0][0].half
    findings += rules.of_direction(direction.comparison, words, silent, half)
    findings += rules.of_candidates(direction.comparison, reset, direction.resets)
    return rules.without_alarm(findings, direction.comparison)


def _of_chain(single: SingleTrials) -> list[Finding]:
    """Judge the backward passes of the network's own spike functions."""
    v, names = jnp.linspace(-2.0, 2.0, 41), [str(k) for k in range(len(single.escapes))]
    pairs, escapes = [], cast(list[NoiseOfCall], single.escapes)
    for cotangent in (1.0, 2.0):
        slopes = [e.call.slope(v, v > 0, e.escape, cotangent) for e in escapes]
        pairs.append([np.asarray(x, float) for x in slopes])
    return rules.of_chain(names, *pairs)


def _described(single: SingleTrials) -> str:
    """Describe the surrogate gradient that was examined."""
    declared = single.declared
    function = getattr(declared.derivative, "func", declared.derivative)
    derivative = getattr(function, "__name__", None) or str(function)
    description = f"derivative {derivative}, as declared"
    if is_adopted(single.problem):
        description = "the derivatives of the network's own spike functions"
    reset = "no reset through spike.reset"
    if resets(single.problem):
        reset = f"reset {declared.reset.__name__}"
    return f"Surrogate gradient with {description}, {reset}, spikes by {declared.forward.__name__}"
