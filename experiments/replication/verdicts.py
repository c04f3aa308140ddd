"""A figure's claims, decided by the numbers of one run."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.engine.base import Data, Quantity
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
    quantities |= conclusions(project, figure, record.arrays)
    parameters = _parameters(record)
    outcomes = []
    experiments = set(_by_panel(project, figure).values())
    chapters = {project.schema(name).__module__.split(".")[-2] for name in experiments}
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
    """Return what a figure's experiments conclude, each from its own panels, by "figN.panel.name".

    An experiment is asked where the panels are there that it concludes from.
    """
    named, found = _by_panel(project, figure), {}
    for name in sorted(set(named.values())):
        experiment = project.schema(name)
        own = {panel: data for panel, data in panels.items() if named.get(panel) == name}
        if own and own.keys() >= set(experiment.CONCLUDES_FROM):
            found |= {f"{figure}.{of}": each for of, each in experiment.conclusions(own).items()}
    return found


def _by_panel(project: Project, figure: str) -> dict[str, str]:
    if figure not in project.presets():
        return {}
    return project.experiments_by_panel(f"{figure}/{project.shown(figure)}")
