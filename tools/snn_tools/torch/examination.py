"""Compare a PyTorch network's surrogate gradient with its true gradient, and report findings."""

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from snn_tools.budget import Clock
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison
from snn_tools.doctor.advice.table import of_table, without_alarm
from snn_tools.doctor.advice.trials import NOT_FINITE, of_trials
from snn_tools.doctor.examined import Examined, Facts, Finding, Rule
from snn_tools.doctor.observed import Layer, layer_of
from snn_tools.printing import number
from snn_tools.torch.derivatives import derivative, firing, of_shape, shape_of, to_numpy
from snn_tools.torch.program import Program, sampled
from snn_tools.torch.refusals import replayed
from snn_tools.torch.spikes import Escape, Site
from snn_tools.torch.truth import MAX_SITES, enumerated, estimated

YOURS = "surrogate"
"""Name of the network's own gradient in tables."""

TRIALS = 64
"""Number of forward passes of the batch for the counts of spikes."""

UNEQUAL = 10.0
"""Factor between the norm ratios of two layers above which a note appears."""

SCALED = Rule(
    "scaled",
    "its surrogate gradient is {ratio} times as long as the true one; the ratio of {other} is "
    "{least}",
    "an optimizer that scales each array by itself (Adam), or a surrogate whose derivative has "
    "the integral 1",
    "measured here; directions may be right",
    fault=False,
)
UNUSED = Rule(
    "unused",
    "the true gradient and the surrogate gradient are exactly 0 in {how}: the loss does not depend "
    "on these parameters",
    "look for a layer that another layer replaces, such as one that is called twice",
    "measured here",
)


class Report(Examined):
    """Result of an examination in PyTorch; ``print`` shows the text."""

    own = YOURS
    comparison: Comparison

    def __str__(self) -> str:
        facts, n = self.facts, len(self.layers)
        parts = [
            [self._verdict_line(), f"{facts.sites} spike sites of an example in {n} layers."],
            self._found(),
            [
                "Spikes (rate: per step; within: potentials in the middle half of the surrogate):",
                *self._spikes(timed=False),
            ],
            [str(self.comparison)],
        ]
        return "\n\n".join("\n".join(part) for part in parts)


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
        net: a module with neurons of snnTorch, SpikingJelly or norse.
        forward: ``(net, inputs) -> output``, from a fresh state.
        x: inputs, or ``(inputs, targets)``, examples along the first axis.
        loss: ``(output, *targets) -> losses``, one for each example.
        escape: the escape noise of all neurons, such as `snn_tools.torch.Sigmoid`.
        how: ``budget`` and ``seed`` of `examine`.

    Returns:
        The table, with the surrogate gradient under the name ``"surrogate"``.

    Raises:
        ValueError: if the true gradient of this network would be wrong.
    """
    return examine(Program(net, forward, x, loss, escape), **how).comparison


def examine(program: Program, budget: str | float = "1min", seed: int = 0) -> Report:
    """Examine the spikes of a network, and its surrogate gradient against the true gradient.

    Args:
        program: the network, its input, loss and noise.
        budget: processor time for all gradients, such as ``"30s"``; on an accelerator, wall time.
            If enumeration takes longer, the gradients are sampled.
        seed: seed of all noise.

    Returns:
        The report.

    Raises:
        ValueError: if the true gradient of this network would be wrong.
    """
    on_cpu = program.batch[0].device.type == "cpu"
    clock = Clock(budget, time.process_time if on_cpu else time.monotonic)
    replay = replayed(program)
    gradients = enumerated(program, replay, clock) if replay.sites <= MAX_SITES else None
    examples = len(program.batch[0])
    how = f"enumerated, 2^{replay.sites} patterns of each example ({examples})"
    if gradients is None:
        gradients = estimated(program, replay, clock, seed)
        trials = len(gradients[0].means) * gradients[0].size
        how = f"score function, {trials} trials of each example ({examples})"
    true, yours = gradients
    words = "gradient of the expected loss, spikes drawn with the escape noise", how
    comparison = compared(program.groups(), {YOURS: yours}, true, words)
    layers, findings, bad = spikes_of(program, seed + 1)
    with torch.no_grad():
        program.plain()  # leaves states of the size that the user's batch has
    findings = without_alarm(findings + of_direction(comparison, layers), comparison, YOURS)
    findings.sort(key=lambda finding: not finding.fault)
    return Report(
        facts=Facts(
            sites=replay.sites,
            parameters=comparison.truth[0].size,
            trials=TRIALS,
            seconds=clock.wall(),
            processor=time.process_time() - clock.processor,
            interrupted=False,
            bad_losses=bad,
            surrogate="Surrogate gradient with the network's own derivatives and resets",
        ),
        findings=tuple(findings),
        layers=layers,
        comparison=comparison,
    )


def spikes_of(program: Program, seed: int) -> tuple[tuple[Layer, ...], list[Finding], int]:
    """Measure the spikes of some trials and their derivatives.

    Returns:
        The layers, the findings, and the number of losses that are not finite.
    """
    with torch.no_grad():
        run = program.run(TRIALS, sampled(program.escape, torch.Generator().manual_seed(seed)))
    sites: dict[str, list[Site]] = {}
    for site in run.tape.sites:
        sites.setdefault(site.layer, []).append(site)
    layers, findings = [], []
    for name, steps in sites.items():
        function, like = steps[0].function, steps[0].v
        s, v = (torch.cat([getattr(site, k).flatten(1) for site in steps]) for k in "sv")
        shape = shape_of(function, like)
        findings += of_shape(
            f"layer {name}", function, shape, shape_of(firing(program), like), like
        )
        slope = to_numpy(derivative(function, v))
        layers.append(layer_of(name, to_numpy(s), to_numpy(v), slope, shape))
    bad = int((~torch.isfinite(run.losses)).sum())
    return tuple(layers), findings + of_trials(tuple(layers), (), TRIALS, bad), bad


def of_direction(comparison: Comparison, layers: tuple[Layer, ...]) -> list[Finding]:
    """Judge the surrogate gradient, module by module."""
    findings = []
    for warning in comparison.warnings:
        if warning.startswith(f"{YOURS} is not finite in "):
            where = warning.partition(" in ")[2].rstrip(".")
            findings += NOT_FINITE.find(where, counts="surrogate gradients are", trials="the mean")
    findings += of_table(comparison, YOURS, "detach(), torch.no_grad or comparison")
    silent = any(layer.silent == 1 for layer in layers)
    rows = {r.group: r for r in comparison.rows_of(YOURS)}
    unused = [t.group for t in comparison.truth if t.zero and rows[t.group].zero]
    if unused and not silent:
        findings += UNUSED.find(*unused, how="all patterns or trials")
    whole = comparison.truth[0].group
    ratios = [r for r in comparison.rows_of(YOURS) if r.known and r.group != whole]
    if ratios:
        least, most = (end(ratios, key=lambda r: r.ratio) for end in (min, max))
        if most.ratio - 3 * most.ratio_se > UNEQUAL * (least.ratio + 3 * least.ratio_se):
            words = {"ratio": number(most.ratio), "least": number(least.ratio)}
            findings += SCALED.find(most.group, other=least.group, **words)
    return findings
