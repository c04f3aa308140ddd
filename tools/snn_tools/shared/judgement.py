"""Turn the measurements of a network into a report, in the same way for all frameworks."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from snn_tools.shared import rules
from snn_tools.shared.budget import Clock
from snn_tools.shared.comparison import Comparison
from snn_tools.shared.gradient_check import Check
from snn_tools.shared.observed import Layer, Leaf, Shape
from snn_tools.shared.report import Facts, Finding, Report


@dataclasses.dataclass(frozen=True)
class Examined:
    """Measurements of a network.

    Attributes:
        sites: number of spike sites of a trial.
        surrogate: description of the gradient that is examined.
        layers: spikes, potentials and errors of each layer.
        shapes: surrogate derivative and slope of the noise of each layer.
        arrays: gradient of each array in single trials.
        trials: number of trials of the layers.
        array_trials: number of trials of the arrays.
        bad_losses: number of losses that are not finite.
        checks: derivatives of the network's code against finite differences.
        backward: names of the spike functions with a backward pass of their own, and their
            derivatives for an arriving gradient of 1 and of 2.
        comparison: surrogate gradient and exact gradient; None if they were not compared.
        unmeasured: reason why they were not compared.
        drawn: number of trials of the comparison, and number of those that are not finite.
        reset: name of the network's reset.
        resets: reset of each other candidate of the comparison; "" for the network's own.
        bump: whether a surrogate derivative should be a bump.
    """

    sites: int
    surrogate: str
    layers: tuple[Layer, ...]
    shapes: tuple[tuple[Shape, Shape], ...]
    arrays: tuple[Leaf, ...]
    trials: int
    array_trials: int
    bad_losses: int
    checks: tuple[Check, ...]
    backward: tuple[Sequence[str], Sequence[np.ndarray], Sequence[np.ndarray]] = ((), (), ())
    comparison: Comparison | None = None
    unmeasured: str = ""
    drawn: tuple[int, int] = (0, 0)
    reset: str = ""
    resets: dict[str, str] = dataclasses.field(default_factory=dict)
    bump: bool = True

    @property
    def finite(self) -> bool:
        """Return whether all losses and gradients of single trials are finite."""
        return not (self.bad_losses or any(leaf.bad for leaf in self.arrays))


def report_of(
    e: Examined, words: rules.Words, clock: Clock, more: Sequence[Finding] = ()
) -> Report:
    """Judge the measurements, and return the report.

    Args:
        e: the measurements.
        words: words of the framework.
        clock: the time since the start.
        more: findings of the framework.
    """
    facts = Facts(
        sites=e.sites,
        parameters=sum(leaf.size for leaf in e.arrays),
        trials=e.trials,
        seconds=clock.elapsed(),
        surrogate=e.surrogate,
    )
    return Report(
        facts,
        rules.ordered(rules.without_choice([*more, *_findings(e, words)])),
        layers=e.layers,
        comparison=e.comparison,
        unmeasured=e.unmeasured,
        arrays=e.arrays,
        shapes=e.shapes,
        checks=e.checks,
        slopes=rules.slopes_of(e.layers, words),
    )


def _findings(e: Examined, words: rules.Words) -> list[Finding]:
    """Judge the measurements, question by question."""
    # Parameters behind a silent layer have no effect, which is the fault of the layer.
    silent = any(layer.silent == 1 and not layer.unused for layer in e.layers)
    used, shapes = rules.used_alone(e.layers, e.shapes)
    findings = [
        *rules.of_chain(*e.backward),
        *rules.of_code(e.checks, words, silent),
        *rules.of_zeros(e.arrays, e.layers, e.checks, e.array_trials, words),
        *rules.of_shapes([str(layer.index) for layer in used], shapes, words, e.bump),
        *rules.of_layers(e.layers, e.shapes, e.trials, words),
        *rules.of_numbers(e.arrays, e.array_trials, 0),
        *rules.of_numbers((), e.trials, e.bad_losses),
        *rules.of_drawn(*e.drawn),
    ]
    if e.comparison is None or e.drawn[1]:
        return findings
    findings += rules.of_direction(e.comparison, words, e.shapes[0][0].half)
    return findings + rules.of_candidates(e.comparison, e.reset, e.resets)
