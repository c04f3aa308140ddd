"""Examine a PyTorch network: spikes, code, and the surrogate gradient against the true one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from snn_tools.shared import rules
from snn_tools.shared.budget import Clock
from snn_tools.shared.comparison import Comparison
from snn_tools.shared.observed import Layer, Leaf, Shape, layer_of, leaf_of, still_of
from snn_tools.shared.report import YOURS, Facts, Finding, Report
from snn_tools.shared.rows import compared
from snn_tools.torch.code import given_spikes
from snn_tools.torch.program import Program, Run, layers_in, sampled, without_noise
from snn_tools.torch.refusals import Replay, replayed
from snn_tools.torch.shapes import derivative, firing, of_setting, shape_of, to_numpy
from snn_tools.torch.spikes import Escape, Refused, Site
from snn_tools.torch.switches import of_switches, switched_on
from snn_tools.torch.truth import MAX_SITES, MEMORY, enumerated, estimated

TRIALS = 64
"""Number of forward passes of the batch for the counts of spikes, if the memory has room."""

ALONE = 4
"""Number of single trials whose gradients are measured array by array."""

REDRAWN = rules.Rule(
    "redrawn",
    "the spike function draws its values, and the neuron calls it twice for the same potential: it "
    "sends one spike and resets by another",
    "draw once: s = spike_grad(u - threshold), and use s for the output and for the reset",
    "two calls with equal potentials gave different spikes",
)


def compare(
    net: torch.nn.Module,
    forward: Callable[..., Any],
    x: Tensor | tuple[Tensor, ...],
    loss: Callable[..., Tensor],
    escape: Escape,
    **how: Any,
) -> Comparison:
    """Compare a PyTorch network's surrogate gradient with the true one, module by module.

    Args:
        net: a module with neurons of snnTorch, SpikingJelly or norse, or of its own.
        forward: ``(net, inputs) -> output``, from a fresh state.
        x: inputs, or ``(inputs, targets)``, examples along the first axis.
        loss: ``(output, *targets) -> losses``, one for each example.
        escape: the escape noise of all neurons, such as `snn_tools.torch.Sigmoid`.
        how: ``budget`` and ``seed`` of `examine`.

    Returns:
        The table, with the surrogate gradient under the name ``"yours"``.

    Raises:
        ValueError: if the true gradient of this network would be wrong.
    """
    report = examine(Program(net, forward, x, loss, escape), **how)
    if report.comparison is None:
        raise Refused(
            f"compare: got no direction: {'; '.join(report.missing)}. Expected more time."
        )
    return report.comparison


def examine(program: Program, budget: str | float = "1min", seed: int = 0) -> Report:
    """Examine spikes, code and gradient of a network.

    Args:
        program: the network, its input, loss and noise.
        budget: seconds of the clock, such as ``"30s"``; spikes and code are examined whatever the
            budget. If enumeration takes longer, the gradients are sampled.
        seed: seed of all noise.

    Returns:
        The report.

    Raises:
        ValueError: if the true gradient of this network would be wrong.
    """
    clock, words = Clock(budget), words_of(program.net)
    program = Program(program.net, program.forward, program.x, program.loss, program.escape)
    switched = of_switches(program)
    with switched_on(program.net), one_thread_if_small(program):
        try:
            replay = replayed(program)
        except Refused as error:
            if not error.kind:
                raise
            return _refused(program, error, switched, clock)
        single = single_trials(program, replay, seed + 1)
        findings = [*switched, *_of_redrawn(replay), *_of_chain(replay)]
        rows = len(program.batch[0])
        checks = given_spikes(program, [site.s[:rows] for site in single.sites], clock)
        findings += rules.of_code(checks, words)
        findings += rules.of_zeros(single.arrays, single.layers, checks, ALONE, words)
        findings += of_single(single, words)
        comparison = _directions(program, replay, clock, seed)
        silent = any(layer.silent == 1 and not layer.unused for layer in single.layers)
        if comparison is not None:
            half = single.shapes[0][0].half
            findings += _not_finite(comparison)
            findings += rules.of_direction(comparison, words, silent, half)
            findings = rules.without_alarm(findings, comparison)
        with torch.no_grad():
            program.plain()  # leaves states of the size that the user's batch has
    return Report(
        facts=Facts(
            sites=replay.sites,
            parameters=sum(p.numel() for p in program.parameters.values()),
            trials=single.trials,
            seconds=clock.elapsed(),
            bad_losses=single.bad,
            surrogate="Surrogate gradient with the network's own derivatives and resets",
        ),
        findings=rules.ordered(findings),
        layers=single.layers,
        comparison=comparison,
        missing=() if comparison else (f"direction: no time within {clock.budget:g} s",),
        arrays=single.arrays,
        shapes=single.shapes,
        checks=checks,
        slopes=rules.slopes_of(single.layers, words),
    )


def _refused(program: Program, error: Refused, switched: list[Finding], clock: Clock) -> Report:
    """Return the report of a network that is refused for a fault with a name."""
    n = sum(p.numel() for p in program.parameters.values())
    fault = Finding(error.kind, True, "network", str(error))
    facts = Facts(0, n, 0, clock.elapsed(), 0, "Not examined any further")
    return Report(facts, (*switched, fault), missing=("all else: see the fault",))


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


def words_of(net: torch.nn.Module) -> rules.Words:
    """Return the words for the library of a network's neurons."""
    modules = {type(module).__module__.partition(".")[0] for module in net.modules()}
    known = [name for name in ("snntorch", "spikingjelly", "norse") if name in modules]
    stop = "detach(), torch.no_grad or a comparison"
    return rules.Words(stop, "autograd", known[0] if known else "", noisy=False)


def _directions(program: Program, replay: Replay, clock: Clock, seed: int) -> Comparison | None:
    """Compare the mean surrogate gradient with the true gradient, exactly or by sampling.

    None if time does not suffice.
    """
    gradients = enumerated(program, replay, clock) if replay.sites <= MAX_SITES else None
    examples = len(program.batch[0])
    how = f"enumerated, 2^{replay.sites} patterns of each example ({examples})"
    if gradients is None:
        if (gradients := estimated(program, replay, clock, seed)) is None:
            return None
        trials = len(gradients[0].means) * gradients[0].size
        how = f"score function, {trials} trials of each example ({examples})"
    true, yours = gradients
    words = "gradient of the expected loss, spikes drawn with the escape noise", how
    return compared(program.groups(), {YOURS: yours}, true, words)


class SingleTrials(NamedTuple):
    """Single trials and their measurements.

    Attributes:
        layers: spikes, potentials and errors of each layer.
        shapes: surrogate derivative and slope of the noise of each layer.
        arrays: gradient of each array in single trials.
        settings: findings on settings of the surrogates.
        sites: sites of one run.
        trials: number of trials.
        bad: number of losses that are not finite.
    """

    layers: tuple[Layer, ...]
    shapes: tuple[tuple[Shape, Shape], ...]
    arrays: tuple[Leaf, ...]
    settings: tuple[Finding, ...]
    sites: tuple[Site, ...]
    trials: int
    bad: int


def single_trials(program: Program, replay: Replay, seed: int) -> SingleTrials:
    """Run trials of the batch with noise, and one forward pass without noise."""
    draw = sampled(program.escape, torch.Generator().manual_seed(seed))
    copies = max(1, min(TRIALS, MEMORY // replay.bytes))
    run = program.run(copies, draw, surrogate=True)
    errors = errors_of(run)
    with torch.no_grad():
        still = program.run(1, without_noise)
    losses, rows = to_numpy(run.losses), len(program.batch[0])
    layers, shapes, settings = [], [], []
    measured: dict[Any, Shape] = {}
    for name, members in layers_in(run.tape.sites).items():
        sites = [run.tape.sites[k] for k in members]
        function, like = sites[0].function, sites[0].v
        own = shape_of(function, like)
        noise = measured.setdefault(like.dtype, shape_of(firing(program), like))
        s, v, slope, error = (
            np.stack([to_numpy(x).reshape(len(x), -1) for x in arrays])
            for arrays in (
                [site.s for site in sites],
                [site.v for site in sites],
                [derivative(site.function, site.v) for site in sites],
                [errors[k] for k in members],
            )
        )
        quiet = np.stack([to_numpy(still.tape.sites[k].v).reshape(rows, -1) for k in members])
        spikes = s, v, slope
        layers.append(
            layer_of(name, spikes, still_of(quiet), (own, noise), error, losses, len(sites) > 1)
        )
        shapes.append((own, noise))
        settings += of_setting(f"layer {name}", function, like)
    return SingleTrials(
        tuple(layers),
        tuple(shapes),
        arrays_of(program, seed),
        tuple(settings),
        tuple(run.tape.sites),
        copies,
        int((~np.isfinite(losses)).sum()),
    )


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
    ends = np.cumsum([p.numel() for p in program.parameters.values()])
    parts = np.split(trials, ends[:-1], axis=1)
    return tuple(leaf_of(name, g) for name, g in zip(program.parameters, parts, strict=True))


def of_single(single: SingleTrials, words: rules.Words) -> list[Finding]:
    """Judge single trials."""
    layers, shapes = rules.used_alone(single.layers, single.shapes)
    findings = [
        *rules.of_shapes([str(layer.index) for layer in layers], shapes, words),
        *single.settings,
        *rules.of_layers(single.layers, single.shapes, single.trials, words),
        *rules.of_numbers(single.arrays, ALONE, 0),
        *rules.of_numbers((), single.trials, single.bad),
    ]
    return rules.without_choice(findings)


def _of_chain(replay: Replay) -> list[Finding]:
    """Judge the backward passes of the spike functions."""
    functions, pairs = replay.functions, []
    for factor in (1.0, 2.0):
        slopes = [derivative(function, v, factor) for function, v in functions.values()]
        pairs.append([to_numpy(x) for x in slopes])
    return rules.of_chain(list(functions), *pairs)


def _of_redrawn(replay: Replay) -> list[Finding]:
    return [f for name in replay.redrawn for f in REDRAWN.find(f"layer {name}")]


def _not_finite(comparison: Comparison) -> list[Finding]:
    """Report mean gradients that are not finite."""
    findings = []
    for warning in comparison.warnings:
        if warning.startswith(f"{YOURS} is not finite in "):
            where = warning.partition(" in ")[2].rstrip(".")
            counts = "surrogate gradients are"
            findings += rules.NOT_FINITE.find(where, counts=counts, trials="the mean")
    return findings
