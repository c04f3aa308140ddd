"""Examine a network within a budget of time, one question after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

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
from snn_tools.jax.direction import measure, refuse_without_noise
from snn_tools.jax.plain import (
    NoiseOfCall,
    as_loop,
    is_adopted,
    slope_in_code,
)
from snn_tools.jax.problem import Problem
from snn_tools.jax.single_trials import escapes_of, measured, run_trials
from snn_tools.shared.cases import Words, judged
from snn_tools.shared.comparison import Clock
from snn_tools.shared.observed import is_proportional
from snn_tools.shared.report import Report
from snn_tools.shared.rules import Case

MATCHED = Surrogate()
WORDS = Words("a stop_gradient or a comparison", "JAX", "snn", noisy=True)


def examine(
    program: Program,
    params: Params,
    key: Array,
    *,
    budget: float | int = 60,
    surrogate: Surrogate = MATCHED,
) -> Report:
    """Examine a network and the surrogate gradient that trains it, layer by layer.

    The report covers spikes with and without noise; size, noise and decay of the gradient over time
    and through depth; the network's code against finite differences; direction and length against
    the exact gradient.

    Args:
        program: the network, its input and its loss. `snn_tools.doctor.adopted` makes a network of
            a plain function with a `jax.lax.scan` over time.
        params: the parameters of the network.
        key: a JAX random key for all noise. The number of trials depends on the machine.
        budget: seconds of the clock; compilation counts. Single trials and tests of
            the code are made whatever the budget.
        surrogate: the surrogate gradient of the training.

    Returns:
        The report. Memory: the trials that run at once are chosen to take about
        `snn_tools.jax.problem.MEMORY` bytes.

    Raises:
        ValueError: if the budget is not positive, or if the network has no noise.
    """
    problem, clock = Problem(program, params), Clock(budget)
    with _quick_compilation():
        problem = as_loop(problem)
        refuse_without_noise(problem)
        noise_key, measure_key = jax.random.split(key)
        own, declared = is_adopted(problem), surrogate
        if own:
            surrogate = replace(declared, derivative=slope_in_code)
        trials = run_trials(problem, surrogate, noise_key)
        trace = trials.run.trace
        report = Report(
            **measured(problem, trials, surrogate.derivative),
            surrogate=_described(problem, declared),
            checks=check(problem, [layer.s[0] for layer in trace]),
            bump=not isinstance(declared.derivative, MultilayerSpiker),
            unmeasured="loss or gradient is not finite",
        )
        if own:
            report.cases["backward pass"] = _unproportional(escapes_of(trace))
        if report.finite:
            comparison = measure(problem, surrogate, measure_key, clock)
            late = f"no time within {clock.budget:g} s"
            report = replace(report, comparison=comparison, unmeasured=late)
    # The noise of a network that trains without noise is only a means of the examination.
    words = WORDS._replace(noisy=surrogate.forward is sample and not own)
    return judged(report, words, clock)


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


def _unproportional(escapes: list[NoiseOfCall]) -> list[Case]:
    """Return layers whose backward pass is not proportional to the gradient that arrives."""
    v, cases = jnp.linspace(-2.0, 2.0, 41), []
    for k, x in enumerate(escapes):
        slopes = [x.call.slope(v, x.operands, g) for g in (1.0, 2.0)]
        if not is_proportional(*(np.asarray(slope, float) for slope in slopes)):
            cases.append(Case(where=f"layer {k}"))
    return cases


def _described(problem: Problem, declared: Surrogate) -> str:
    """Describe the surrogate gradient that was examined."""
    function = getattr(declared.derivative, "func", declared.derivative)
    name = getattr(function, "__name__", None) or str(function)
    description = f"derivative {name}, as declared"
    if is_adopted(problem):
        description = "the derivatives of the network's own spike functions"
    words = f"reset {declared.reset.__name__}, spikes by {declared.forward.__name__}"
    return f"Surrogate gradient with {description}, {words}"
