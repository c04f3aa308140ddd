"""A figure's claims, decided by the numbers of one run."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from experiments.engine.base import Data, Experiment, Quantity
from experiments.engine.errors import UserError
from experiments.engine.record import Record
from experiments.engine.registry import Project
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome


def verdicts(record: Record) -> list[tuple[Claim, Outcome]]:
    """Decide a figure's claims by one run; those that it does not measure are undecided.

    Those that speak of other parameters are not evaluated.

    Under other parameters than a claim is stated for, a number without its error is not measured:
    of one seed there is none.
    """
    project, figure = Project(), record.plan.figure
    quantities = {f"{figure}.{name}": quantity for name, quantity in record.summary.items()}
    # Not to be had from every choice of methods and seeds.
    with suppress(KeyError, ValueError, UserError):
        quantities |= conclusions(project, figure, record.arrays)
    parameters = _parameters(record)
    outcomes = []
    chapters = {of.__module__.split(".")[-2] for of in _experiments(project, figure)}
    for claim in claims_of(project.rooms, chapters):
        if any(name.startswith(f"{figure}.") for name in claim.value_of):
            outcome = claim.evaluate(quantities)
            found = [quantities.get(name) for name in claim.value_of]
            stated = claim.preset == record.plan.preset and not record.plan.modified
            if unmet := claim.unmet(parameters):
                outcome = Outcome(unmet, holds=None, evaluated=False)
            elif None in found or not stated and any(q and q.has_no_error for q in found):
                outcome = replace(outcome, holds=None)
            outcomes.append((claim, outcome))
    return outcomes


def _parameters(record: Record) -> dict[str, Any]:
    """Return a run's parameters by "panel.name", and the ends of lists by "[0]" and "[-1]"."""
    config = record.plan.config
    panels = {**config.get("panels", {}), **config.get("checks", {})}
    found = {f"{panel}.{name}": of[name] for panel, of in panels.items() for name in of}
    lists = [(name, value) for name, value in found.items() if isinstance(value, list) and value]
    return found | {f"{name}[{end}]": value[end] for name, value in lists for end in (0, -1)}


def conclusions(project: Project, figure: str, panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return what a figure's experiments conclude from all panels, by "figN.panel.name"."""
    return {
        f"{figure}.{name}": quantity
        for experiment in _experiments(project, figure)
        for name, quantity in experiment.conclusions(panels).items()
    }


def _experiments(project: Project, figure: str) -> list[type[Experiment]]:
    if figure not in project.presets():
        return []
    names = project.experiments_of(f"{figure}/{project.shown(figure)}")
    return [project.schema(name) for name in sorted(names)]
