"""The examination: each question in turn, within a budget of time."""

from __future__ import annotations

import sys

import jax
import numpy as np
from jax import Array

from snn.estimators.surrogate import Surrogate
from snn.program import Program, draw_noise
from snn.spikes import Spike
from snn.surrogate import Matched
from snn.types import Params
from snn_tools.comparison.groups import leaves_of
from snn_tools.comparison.problem import Problem
from snn_tools.comparison.truth import Truth, refuse_open
from snn_tools.doctor.advice.code import of_code, of_silenced, of_types, of_unused
from snn_tools.doctor.advice.direction import of_direction, scope_of
from snn_tools.doctor.advice.shape import of_own, of_shape
from snn_tools.doctor.advice.trials import of_all, of_trials
from snn_tools.doctor.as_called import Called, as_called, decides_itself, in_code, refuse_own
from snn_tools.doctor.clock import GRADIENT, Clock, Cost, seconds
from snn_tools.doctor.direction import Direction, measure
from snn_tools.doctor.finding import Finding
from snn_tools.doctor.loop import Loop, around
from snn_tools.doctor.measurements import arrays_of, layers_of
from snn_tools.doctor.own_path import OwnPath, own_path, silenced
from snn_tools.doctor.plumbing import Check, check, widened
from snn_tools.doctor.probe import Trials, observe, refuse_unrolled, resets
from snn_tools.doctor.report import Facts, Report
from snn_tools.doctor.shape import shape_of

N_TRIALS = 64
"""Single trials that are looked at, if the memory has room for them."""

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
    """Examines a network and the surrogate gradient that trains it, layer by layer.

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
        ValueError: for a budget that is none, a ``truth`` that is open, or a plain function with
            spikes inside a loop.
    """
    clock = Clock(seconds(budget))
    problem = Problem(program, params)
    noise_key, check_key, measure_key, loop_key = jax.random.split(key, 4)
    refuse_own(problem)
    refuse_unrolled(problem)
    refuse_open(truth, problem, {"yours": surrogate})
    clock.says("single trials")
    n = min(N_TRIALS, problem.at_once())
    noise = draw_noise(program, params, noise_key, n)
    own = as_called(problem)
    declared, surrogate = surrogate, in_code(problem, surrogate)
    spike = Spike(surrogate.forward, surrogate.derivative, surrogate.reset)
    times = []
    for _ in range(2):  # the first compiles
        before = clock.elapsed()
        trials = jax.block_until_ready(observe(problem, spike, noise))
        times.append(clock.elapsed() - before)
    cost = Cost.of(problem, times, n)
    arrays = arrays_of(problem, trials)
    escapes = [
        jax.tree.map(lambda leaf: leaf.flat[0] if leaf.ndim else leaf, layer.escape)
        for layer in jax.tree.map(np.asarray, trials.run.trace)
    ]
    derivatives = [surrogate.derivative] * len(escapes)
    if own:
        derivatives = [
            own[i if len(own) == len(escapes) else 0].derivative for i in range(len(escapes))
        ]
    pairs = list(zip(derivatives, escapes, strict=True))
    shapes = tuple((shape_of(d, e), shape_of(Matched(), e)) for d, e in pairs)
    layers = layers_of(trials, [shape for shape, _ in shapes], derivatives, time_axis)
    bad_losses = int((~np.isfinite(np.asarray(trials.run.loss))).sum())
    steps = None if time_axis is None else trials.run.trace[0].v.shape[1 + time_axis]
    missing = [] if trials.error else ["dL/dv: the network changes the numbers that it draws"]
    checks: list[Check] = []
    path: OwnPath | None = None
    quiet: list[int] = []
    direction: Direction | None = None
    loop: Loop | None = None
    try:
        clock.says("the network's code against finite differences")
        one, spikes = jax.tree.map(
            lambda leaf: leaf[0], (noise, [layer.s for layer in trials.run.trace])
        )
        fine, spikes = widened(problem), widened(spikes)
        checks = check(fine, one, spikes, check_key)
        if any((c.test, c.verdict) == ("smoothed", "differs") for c in checks):
            path = own_path(fine, spikes, jax.random.fold_in(check_key, 1))
        if any(c.test == "smoothed" and c.zero for c in checks):
            quiet = silenced(fine, spikes)
        if decides_itself(problem, own):
            missing.append(
                "direction and closed loop: the network decides on its derivative itself"
            )
        elif not (bad_losses or any(leaf.bad for leaf in arrays)):
            direction = measure(problem, surrogate, truth, measure_key, clock, cost)
            missing += direction.missing if direction else ("direction and closed loop: no time",)
        else:
            missing.append("direction and closed loop: loss or gradient is not finite")
        done = direction is None or clock.interrupted or direction.bad
        if not done and clock.left() > GRADIENT * cost.compiled:
            loop = around(problem, surrogate, loop_key, lambda: clock.left() < 0, clock)
    except KeyboardInterrupt:
        clock.interrupted = True
    clock.close()
    scope = scope_of(layers, steps)
    findings = [
        *of_code(tuple(checks), path, direction),
        *of_silenced(quiet),
        # Behind a silent layer nothing is used, which is the layer's fault.
        *([] if any(layer.silent == 1 for layer in layers) else of_unused(tuple(checks))),
        *of_types(_types(params, trials)),
        *of_shape(shapes, surrogate, direction),
        *([] if declared is MATCHED else of_own(own, shapes, declared, escapes)),
        *of_trials(layers, arrays, n, bad_losses),
    ]
    if direction is not None:
        findings += of_direction(direction, surrogate, scope)
        findings += of_all(direction.trials, direction.bad, loop.bad if loop else 0)
    if direction is not None and direction.bad:
        missing.append("closed loop: losses or gradients are not finite")
    elif loop is None and not any("closed loop" in m for m in missing):
        missing.append("closed loop: no time, or a gradient of 0")
    facts = Facts(
        problem.sites(),
        sum(np.size(leaf) for leaf in jax.tree.leaves(params)),
        n,
        clock.elapsed(),
        direction.seconds if direction else 0.0,
        _memory(),
        clock.interrupted,
        bad_losses,
        _described(declared, own, resets(problem)),
    )
    return Report(
        facts,
        _ordered(findings),
        layers,
        arrays,
        shapes,
        tuple(checks),
        direction.comparison if direction else None,
        direction.signs if direction else (),
        direction.check if direction else None,
        loop,
        tuple(missing),
    )


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Faults first; the same cut is not told twice."""
    once: list[Finding] = []
    for f in findings:
        arrays = {leaf for g in once if g.kind == f.kind for leaf in g.where.split(", ")}
        if f.kind != "cut" or f.where not in arrays | {a.split("/")[0] for a in arrays}:
            once.append(f)
    return tuple(sorted(once, key=lambda f: not f.fault))


def _types(params: Params, trials: Trials) -> dict[str, np.dtype]:
    """Of every array of parameters, and of every layer's potentials."""
    names = (group.name for group in leaves_of(params))
    types = dict(zip(names, map(jax.numpy.result_type, jax.tree.leaves(params)), strict=True))
    return types | {f"layer {i}": x.v.dtype for i, x in enumerate(trials.run.trace)}


def _described(surrogate: Surrogate, own: tuple[Called, ...], resets: bool) -> str:
    """The first line: which derivative was examined."""
    function = getattr(surrogate.derivative, "func", surrogate.derivative)
    derivative = getattr(function, "__name__", None) or str(function)
    names = ", ".join(dict.fromkeys(called.name for called in own))
    which = f"derivative {derivative}, as declared"
    if own:
        which = f"the derivative of the network's own {names}, as called"
        which += "" if surrogate is MATCHED else f" (declared: {derivative})"
    reset = f"reset {surrogate.reset.__name__}" if resets else "no reset through spike.reset"
    return f"Surrogate gradient with {which}, {reset}, spikes by {surrogate.forward.__name__}"


def _memory() -> float:
    """Largest resident memory of this process, MB; NaN where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
