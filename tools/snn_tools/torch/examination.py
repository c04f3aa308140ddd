"""Examine a PyTorch network: spikes, code, and the surrogate gradient against the exact one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared.cases import Words, judged
from snn_tools.shared.comparison import Clock
from snn_tools.shared.observed import Leaf, is_proportional, layer_of, leaf_of
from snn_tools.shared.report import Report
from snn_tools.shared.rules import Case
from snn_tools.torch.code import given_spikes
from snn_tools.torch.program import Program, Run, layers_in, sampled, without_noise
from snn_tools.torch.refusals import Replay, replayed
from snn_tools.torch.shapes import derivative, firing, ignored, shape_of, stacked, to_numpy
from snn_tools.torch.spikes import Site
from snn_tools.torch.switches import off_in, switched
from snn_tools.torch.truth import SITES, measure

TRIALS = 64
"""Number of forward passes of the batch for the counts of spikes, if the memory has room."""

ALONE = 4
"""Number of single trials whose gradients are measured array by array."""


def examine(program: Program, budget: float | int = 60, seed: int = 0) -> Report:
    """Examine spikes, code and gradient of a network.

    Args:
        program: the network, its input, loss and noise.
        budget: seconds of the clock; spikes and code are examined whatever the budget.
        seed: seed of all noise.

    Returns:
        The report.

    Raises:
        ValueError: if the exact gradient of this network would be wrong.
    """
    clock, words = Clock(budget), words_of(program.net)
    program = Program(program.net, program.forward, program.x, program.loss, program.escape)
    with one_thread_if_small(program):
        # First, since torch cannot differentiate a network twice that keeps its state.
        with switched(program.net, on=True):
            replay = replayed(program)
        report = Report(cases={"switches": off_in(program)})
        if replay is None:
            report.cases["redrawn"] = [Case(where="network")]
            report = replace(report, surrogate="Not examined further", unmeasured="see the fault")
            return judged(report, words, clock)
        with switched(program.net, on=True):
            report, sites = single_trials(program, replay, seed + 1, report)
            rows = len(program.batch[0])
            checks = given_spikes(program, [site.s[:rows] for site in sites])
            report = replace(report, checks=checks)
            if report.finite:
                comparison = measure(program, replay.sites, clock, seed)
                late = f"no time within {clock.budget:g} s"
                report = replace(report, comparison=comparison, unmeasured=late)
            with torch.no_grad():
                program.plain()  # leaves states of the size that the user's batch has
    return judged(report, words, clock)


@contextmanager
def one_thread_if_small(program: Program) -> Iterator[None]:
    """Use one thread for a small network: several threads take longer."""
    before = torch.get_num_threads()
    small = max((p.numel() for p in program.parameters.values()), default=0) < 10_000
    if small and program.batch[0].numel() < 100_000:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def words_of(net: torch.nn.Module) -> Words:
    """Return the words for the library of a network's neurons."""
    modules = {type(module).__module__.partition(".")[0] for module in net.modules()}
    known = [name for name in ("snntorch", "spikingjelly", "norse") if name in modules]
    stop = "detach(), torch.no_grad or a comparison"
    return Words(stop, "autograd", known[0] if known else "", noisy=False)


def single_trials(
    program: Program, replay: Replay, seed: int, report: Report
) -> tuple[Report, list[Site]]:
    """Run trials of the batch with noise, and one forward pass without noise.

    Returns:
        The report with the measurements, and the sites of all trials.
    """
    draw, rows = sampled(program.escape, torch.Generator().manual_seed(seed)), len(program.batch[0])
    copies = max(1, min(TRIALS, SITES // (rows * replay.sites)))
    run = program.run(copies, draw, surrogate=True)
    errors = errors_of(run)
    with torch.no_grad():
        still = program.run(1, without_noise)
    losses = to_numpy(run.losses)
    layers, settings, unproportional = [], [], []
    for name, members in layers_in(run.tape).items():
        sites = [run.tape.sites[k] for k in members]
        function, like = sites[0].function, sites[0].v
        shapes = shape_of(function, like), shape_of(firing(program), like)
        slopes = (derivative(site.function, site.v) for site in sites)
        spikes = stacked(x.s for x in sites), stacked(x.v for x in sites), stacked(slopes)
        quiet = stacked(still.tape.sites[k].v for k in members)
        error = stacked(errors[k] for k in members)
        layers.append(layer_of(name, shapes, quiet, spikes, error, losses))
        settings += ignored(f"layer {name}", function, like)
        slopes = (to_numpy(derivative(function, like, g)) for g in (1.0, 2.0))
        unproportional += [Case(where=f"layer {name}")] * (not is_proportional(*slopes))
    report = replace(
        report,
        sites=replay.sites,
        surrogate="Surrogate gradient with the network's own derivatives and resets",
        layers=tuple(layers),
        arrays=arrays_of(program, seed),
        trials=copies,
        array_trials=ALONE,
        bad_losses=int((~np.isfinite(losses)).sum()),
        cases=report.cases
        | {
            "backward pass": unproportional,
            "settings": settings,
            "redrawn": [Case(where=f"layer {name}") for name in replay.redrawn],
        },
        unmeasured="loss or gradient is not finite",
    )
    return report, run.tape.sites


def errors_of(run: Run) -> list[Tensor]:
    """Return dL/dv of each site, for the loss of its own row."""
    outs = [run.tape.calls[site.call][1] for site in run.tape.sites]
    loss = run.losses.sum()
    wanted = [s for s in outs if s.requires_grad]
    if not (wanted and loss.requires_grad):
        return [torch.zeros_like(site.v) for site in run.tape.sites]
    grads = iter(torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True))
    errors = []
    for site, s in zip(run.tape.sites, outs, strict=True):
        own = derivative(site.function, site.v)
        errors.append(next(grads) * own if s.requires_grad else torch.zeros_like(site.v))
    return errors


def arrays_of(program: Program, seed: int) -> tuple[Leaf, ...]:
    """Measure the gradient of each array in single trials of the batch."""
    draw = sampled(program.escape, torch.Generator().manual_seed(seed))
    runs = [program.run(1, draw, surrogate=True) for _ in range(ALONE)]
    trials = np.stack([program.gradient(run.losses.mean()) for run in runs])
    return tuple(leaf_of(name, g) for name, g in program.split(trials).items())
