"""A PyTorch network's surrogate gradient against its true one, and what the doctor says of it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from snn_tools.budget import Clock
from snn_tools.comparison.rows import compared
from snn_tools.comparison.table import Comparison
from snn_tools.doctor.examined import Examined
from snn_tools.torch.findings import YOURS, of_direction, spikes_of
from snn_tools.torch.program import Program
from snn_tools.torch.refusals import replayed
from snn_tools.torch.spikes import Escape
from snn_tools.torch.truth import MAX_SITES, enumerated, estimated

MEANING = "gradient of the expected loss, spikes drawn with the escape noise"


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
    comparison = compared(program.groups(), {YOURS: yours}, true, (MEANING, how))
    layers, findings = spikes_of(program, seed + 1)
    with torch.no_grad():
        program.plain()  # leaves states of the size that the user's batch has
    findings += of_direction(comparison)
    findings.sort(key=lambda finding: not finding.fault)
    return Report(tuple(findings), layers, comparison, replay.sites)
