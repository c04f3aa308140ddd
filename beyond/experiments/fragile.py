"""Fragile verdicts: claims are decided again without each task.

A verdict is *fragile* if it changes when one tuning task is left out, or one judged task of at most
`MOST`. Trainings are not repeated: leaving out a tuning task can change a rate, and experiments
store the losses at all rates that tuning tasks may choose.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beyond.experiments.exact_flows.loss_statements import LOGIC, MORE
from experiments.engine.declare.experiment import Data, Experiment, Quantity
from experiments.replication.claim import Claim

MOST = 100
"""Largest number of judged tasks to leave out one at a time."""
TOGETHER = {LOGIC: MORE}
"""Pairs of panels that share a comparison. A task is left out of both panels at once, because the
comparison needs the same number of tasks in both."""
TUNING = "tuning task"
KINDS = ("tuning", "judged")


@dataclass
class Turned:
    """Verdict of a claim, and how many tasks turn it if they are left out.

    Attributes:
        verdict: the verdict on all tasks.
        turned: numbers of tuning tasks and of judged tasks that change it, by kind.
        tried: numbers of tasks that were left out, by kind.
    """

    verdict: str
    turned: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    tried: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))

    @property
    def fragile(self) -> bool:
        """True if one task changes the verdict."""
        return any(self.turned.values())


def without(experiment: Experiment, data: Data, kind: str, i: int | np.ndarray) -> Data:
    """Return a panel's arrays without one task or several, with what follows from all seeds.

    Args:
        experiment: the panel's experiment, with its parameters.
        data: arrays of the panel; the first axis of an array of each seed is that of seeds.
        kind: "tuning" for a tuning task, "judged" for a seed.
        i: index of the task, or indices of several.
    """
    remaining: Data = {}
    for name, spec in experiment.ARRAYS.items():
        if name not in data or spec.axes[:1] not in (("seed",), ("first seed",)):
            continue
        values = data[name]
        if kind == "tuning" and TUNING in spec.axes:
            values = np.delete(values, i, axis=spec.axes.index(TUNING))
        elif kind == "judged" and spec.axes[0] == "seed":
            values = np.delete(values, i, axis=0)
        remaining[name] = values
    remaining = _trained_only(remaining)
    return remaining | experiment.pooled(remaining)


def _trained_only(data: Data) -> Data:
    """Return the arrays, with infinite scores at each rate without a trained judged task.

    Bootstrap samples of fewer tasks may choose such a rate, and then take the best other rate.
    """
    judged = data.get("wrong", data.get("log_loss"))
    if judged is None or "tuning" not in data:
        return data
    others = tuple(axis for axis in range(judged.ndim) if axis not in (1, 2))
    tuning = data["tuning"].copy()
    tuning[:, np.isnan(judged).any(axis=others)] = np.inf
    return data | {"tuning": tuning}


def n_tasks(experiment: Experiment, data: Data, kind: str) -> int:
    """Return how many tasks of a kind can be left out, one at a time."""
    if kind == "tuning":
        axes = experiment.ARRAYS["tuning"].axes if "tuning" in experiment.ARRAYS else ()
        return data["tuning"].shape[axes.index(TUNING)] if TUNING in axes else 0
    n = len(next(data[name] for name in experiment.ARRAYS if name in data))
    return n if 1 < n <= MOST else 0


def turned(
    figure: str,
    experiments: Mapping[str, Experiment],
    panels: Mapping[str, Data],
    claims: tuple[Claim, ...],
    quantities: Mapping[str, Quantity],
    done: Callable[[str], Any] = lambda panel: None,
) -> dict[str, Turned]:
    """Decide a figure's claims again without each task.

    Args:
        figure: as "fig10".
        experiments: experiments with their parameters, by panel.
        panels: arrays by panel.
        claims: the claims.
        quantities: all quantities that the claims name, as committed.
        done: is called with the name of each panel whose tasks were left out.
    """
    results = {claim.id: Turned(claim.evaluate(quantities).verdict) for claim in claims}
    for panel, experiment in experiments.items():
        if any(second == panel and first in panels for first, second in TOGETHER.items()):
            continue
        start = f"{figure}.{panel}."
        affected = [c for c in claims if any(value.startswith(start) for value in c.value_of)]
        if not affected:
            continue
        for kind, changed in _each(panel, experiments, panels):
            own = {
                name: changed.get(name, data)
                for name, data in panels.items()
                if type(experiments[name]) is type(experiment) and _related(name, panel)
            }
            new = {f"{figure}.{n}": q for n, q in type(experiment).conclusions(own).items()}
            for claim in affected:
                result = results[claim.id]
                result.tried[kind] += 1
                verdict = claim.evaluate({**quantities, **new}).verdict
                result.turned[kind] += verdict != result.verdict
        done(panel)
    return results


def _related(first: str, second: str) -> bool:
    """Return whether two panels may be in one family of tests: their names begin alike."""
    return first.partition("_")[0] == second.partition("_")[0]


def _each(
    panel: str, experiments: Mapping[str, Experiment], panels: Mapping[str, Data]
) -> Iterator[tuple[str, dict[str, Data]]]:
    """Yield the changed panels for each omitted task."""
    names = [name for name in (panel, TOGETHER.get(panel, "")) if name in panels]
    for kind in KINDS:
        for i in range(n_tasks(experiments[panel], panels[panel], kind)):
            yield kind, {n: without(experiments[n], panels[n], kind, i) for n in names}
