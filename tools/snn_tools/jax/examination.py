"""Examine a network within a budget of time, one question after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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
from snn_tools.jax.direction import measure
from snn_tools.jax.plain import NoiseOfCall, as_loop, is_adopted, with_operands
from snn_tools.jax.probe import resets
from snn_tools.jax.problem import Problem
from snn_tools.jax.single_trials import SingleTrials, redrawn, run_trials
from snn_tools.jax.truth import Truth, refuse_open
from snn_tools.shared.budget import Clock
from snn_tools.shared.cases import Words, judged
from snn_tools.shared.observed import is_proportional
from snn_tools.shared.report import Report

MATCHED = Surrogate()
WORDS = Words("a stop_gradient or a comparison", "JAX", "snn", noisy=True)


def examine(
    program: Program,
    params: Params,
    key: Array,
    *,
    budget: float | int = 60,
    surrogate: Surrogate = MATCHED,
    truth: Truth = None,
    time_axis: int | None = 0,
) -> Report:
    """Examine a network and the surrogate gradient that trains it, layer by layer.

    The report covers spikes with and without noise; size, noise and decay of the gradient over time
    and through depth; the network's code against finite differences; direction and length against
    the exact gradient, also with a quarter of the slope and with the other reset.

    Args:
        program: the network, its input and its loss. `snn_tools.doctor.adopted` makes a network of
            a plain function with a `jax.lax.scan` over time.
        params: the parameters of the network.
        key: a JAX random key for all noise. The number of trials depends on the machine.
        budget: seconds of the clock; compilation counts. Single trials and tests of
            the code are made whatever the budget.
        surrogate: the surrogate gradient of the training.
        truth: meaning of the exact gradient, see `snn_tools.jax.truth`; required for a network
            without noise.
        time_axis: axis of time among the axes of a layer's sites; None for a network without time.

    Returns:
        The report. Memory: the trials that run at once are chosen to take about
        `snn_tools.jax.problem.MEMORY` bytes.

    Raises:
        ValueError: if the budget is not positive, if ``truth`` is open, or if spikes follow the
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
    refuse_open(truth, problem, surrogate)
    problem = with_operands(problem)
    noise_key, measure_key = jax.random.split(key)
    single = run_trials(problem, surrogate, noise_key, time_axis, clock)
    trials, own = single.trials, is_adopted(problem)
    report = Report(
        sites=problem.sites(),
        surrogate=_described(single),
        layers=single.layers,
        shapes=single.shapes,
        arrays=single.arrays,
        trials=len(trials.run.loss),
        array_trials=len(trials.run.loss),
        bad_losses=int((~np.isfinite(np.asarray(trials.run.loss))).sum()),
        checks=tuple(check(problem, [x.s[0] for x in trials.run.trace], time_axis, clock)),
        bump=not isinstance(surrogate.derivative, MultilayerSpiker),
        unproportional=_unproportional(single) if own else (),
        redrawn=tuple(f"{i}, {j}" for i, j in redrawn(trials)),
        unmeasured="loss or gradient is not finite",
    )
    if report.finite:
        report = replace(report, unmeasured=f"no time within {clock.budget:g} s")
        found = measure(problem, single.surrogate, truth, measure_key, clock, single.compiled)
        if found is not None:
            report = replace(
                report,
                comparison=found.comparison,
                drawn=(found.trials, found.bad),
                reset=surrogate.reset.__name__,
                resets=found.resets,
            )
    # The noise of a network that trains without noise is only a means of the examination.
    words = WORDS._replace(noisy=surrogate.forward is sample and not own)
    return judged(report, words, clock)


def _unproportional(single: SingleTrials) -> tuple[str, ...]:
    """Return layers whose backward pass is not proportional to the gradient that arrives."""
    v, names = jnp.linspace(-2.0, 2.0, 41), []
    for k, escape in enumerate(cast(list[NoiseOfCall], single.escapes)):
        slopes = [escape.call.slope(v, v > 0, escape.escape, g) for g in (1.0, 2.0)]
        if not is_proportional(*(np.asarray(slope, float) for slope in slopes)):
            names.append(str(k))
    return tuple(names)


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
