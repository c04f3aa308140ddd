"""A PyTorch network's surrogate gradient against its true one, and what the doctor says of it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from snn_tools.budget import Clock
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison
from snn_tools.doctor.advice.table import of_table
from snn_tools.doctor.advice.trials import NOT_FINITE, of_trials
from snn_tools.doctor.examined import Examined, Finding, Rule
from snn_tools.doctor.observed import Layer, Shape, layer_of
from snn_tools.printing import number
from snn_tools.torch.program import Program, sampled
from snn_tools.torch.refusals import replayed
from snn_tools.torch.spikes import Escape, Function, Site
from snn_tools.torch.truth import MAX_SITES, enumerated, estimated

YOURS = "surrogate"
"""Name of the network's own gradient in tables."""

TRIALS = 64
"""Runs of the batch in which spikes are looked at."""

REALISTIC = 100.0
"""Potentials that may occur."""

UNEQUAL = 10.0
"""Norm ratios of two layers that differ by more than this factor are told."""

OVERFLOW = Rule(
    "overflow",
    "the surrogate derivative is not finite from |v| = {first:.2g} on",
    "one written without exponentials of large numbers",
    "its own backward pass, at potentials up to 100",
)
SCALED = Rule(
    "scaled",
    "its surrogate gradient is {ratio} times as long as the true one, that of {other} {least}",
    "an optimizer that scales each array by itself (Adam), or a surrogate whose derivative has "
    "the integral 1",
    "measured here; directions may be right",
    fault=False,
)


@dataclasses.dataclass(frozen=True)
class Report(Examined):
    """What `Examined` has, and more. ``print(report)`` is its text.

    Attributes:
        sites: spikes of one example, all layers and steps.
    """

    own = YOURS
    comparison: Comparison
    sites: int

    def __str__(self) -> str:
        parts = [
            [f"{self.sites} potential spikes of an example; layers: {len(self.layers)}."],
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
    """Set a PyTorch network's surrogate gradient against the true one, module by module.

    Args:
        net: a module with neurons of snnTorch, SpikingJelly or norse.
        forward: ``(net, inputs) -> output``, from a fresh state.
        x: inputs, or ``(inputs, targets)``, examples along the first axis.
        loss: ``(output, *targets) -> losses``, one for each example.
        escape: the noise that spikes are drawn with, such as `snn_tools.torch.Sigmoid`.
        how: ``budget`` and ``seed`` of `examine`.

    Raises:
        ValueError: for a network whose true gradient would come out wrong.
    """
    return examine(Program(net, forward, x, loss, escape), **how).comparison


def examine(program: Program, budget: str | float = "1min", seed: int = 0) -> Report:
    """Examine a network: its spikes, and its surrogate gradient against the true one.

    Args:
        program: the network, its input, loss and noise.
        budget: time for all gradients, such as ``"30s"``; enumeration that takes longer is left.
        seed: decides all noise.

    Raises:
        ValueError: for a network whose true gradient would come out wrong.
    """
    clock, replay = Clock(budget), replayed(program)
    found = enumerated(program, replay, clock) if replay.sites <= MAX_SITES else None
    examples = len(program.batch[0])
    how = f"enumerated, 2^{replay.sites} patterns of each example ({examples})"
    if found is None:
        found = estimated(program, replay, clock, seed)
        trials = len(found[0].means) * found[0].size
        how = f"score function, {trials} trials of each example ({examples})"
    true, yours = found
    words = "gradient of the expected loss, spikes drawn with the escape noise", how
    comparison = compared(program.groups(), {YOURS: yours}, true, words)
    layers, findings = spikes_of(program, seed + 1)
    with torch.no_grad():
        program.plain()  # leaves states of the size that the user's batch has
    findings += of_direction(comparison)
    findings.sort(key=lambda finding: not finding.fault)
    return Report(tuple(findings), layers, comparison, replay.sites)


def spikes_of(program: Program, seed: int) -> tuple[tuple[Layer, ...], list[Finding]]:
    """Look at the spikes of some trials, and at the derivatives that they have."""
    with torch.no_grad():
        run = program.run(TRIALS, sampled(program.escape, torch.Generator().manual_seed(seed)))
    sites: dict[str, list[Site]] = {}
    for site in run.tape.sites:
        sites.setdefault(site.layer, []).append(site)
    layers, found = [], []
    for name, asked in sites.items():
        function, like = asked[0].function, asked[0].v
        s, v = (torch.cat([getattr(a, k).flatten(1) for a in asked]) for k in "sv")
        shape = Shape.of(lambda x, f=function, v=like: _numbers(derivative(f, v.new_tensor(x))))
        if shape.first_bad < REALISTIC:
            found += OVERFLOW.of(f"layer {name}", first=shape.first_bad)
        slope = _numbers(derivative(function, v))
        layers.append(layer_of(name, _numbers(s), _numbers(v), slope, shape))
    bad = int((~torch.isfinite(run.losses)).sum())
    return tuple(layers), found + of_trials(tuple(layers), (), TRIALS, bad)


def _numbers(x: Tensor) -> np.ndarray:
    return x.cpu().double().numpy()


def derivative(function: Function, v: Tensor) -> Tensor:
    """Differentiate a spike function by its own backward pass."""
    with torch.enable_grad():
        v = v.detach().clone().requires_grad_()
        s = function(v)
        return torch.autograd.grad(s.sum(), v)[0] if s.requires_grad else torch.zeros_like(v)


def of_direction(comparison: Comparison) -> list[Finding]:
    """Judge the surrogate gradient, module by module."""
    found = []
    for warning in comparison.warnings:
        if warning.startswith(f"{YOURS} is not finite in "):
            where = warning.partition(" in ")[2].rstrip(".")
            found += NOT_FINITE.of(where, counts="surrogate gradients are", trials="the mean")
    found += of_table(comparison, YOURS, "detach(), torch.no_grad or comparison")
    whole = comparison.truth[0].group
    ratios = [r for r in comparison.rows_of(YOURS) if r.known and r.group != whole]
    if ratios:
        least, most = (of(ratios, key=lambda r: r.ratio) for of in (min, max))
        if most.ratio - 3 * most.ratio_se > UNEQUAL * (least.ratio + 3 * least.ratio_se):
            words = {"ratio": number(most.ratio), "least": number(least.ratio)}
            found += SCALED.of(most.group, other=least.group, **words)
    return found
