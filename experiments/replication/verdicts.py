"""Verdicts on a figure's claims from the numbers of a run."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.engine.config import Project, Run, experiments_of, schema_in
from experiments.engine.experiment import Data, Quantity
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome


def verdicts(record: Run) -> list[tuple[Claim, Outcome]]:
    """Decide a figure's claims by a run.

    A claim is undecided if the run does not measure its quantities, or if it is stated for other
    parameters. In a run of another preset or with changed parameters, a claim is undecided, too, if
    a number has no error: a single seed gives none.
    """
    project, figure = Project(), record.figure
    quantities = {f"{figure}.{name}": quantity for name, quantity in record.summary.items()}
    modules = record.modules or _modules(project, figure)
    quantities |= conclusions(project, figure, record.arrays, modules)
    parameters = _parameters(record)
    outcomes = []
    chapters = {module.split(".")[-2] for module in modules.values()}
    for claim in claims_of(project.places, chapters):
        if any(name.startswith(f"{figure}.") for name in claim.value_of):
            outcome = claim.evaluate(quantities)
            values = [quantities.get(name) for name in claim.value_of]
            stated = claim.preset == record.preset and not record.modified
            if mismatch := claim.mismatch(parameters):
                outcome = Outcome(f"stated for other parameters: {mismatch}", holds=None)
            elif None in values or not stated and any(q and q.has_no_error for q in values):
                outcome = replace(outcome, holds=None)
            outcomes.append((claim, outcome))
    return outcomes


def _parameters(record: Run) -> dict[str, Any]:
    """Return a run's parameters by "panel.name", and the ends of lists by "[0]" and "[-1]"."""
    panels = record.config["panels"].items()
    values = {f"{panel}.{name}": x for panel, own in panels for name, x in own.items()}
    lists = [(name, value) for name, value in values.items() if isinstance(value, list) and value]
    return values | {f"{name}[{end}]": value[end] for name, value in lists for end in (0, -1)}


def conclusions(
    project: Project,
    figure: str,
    panels: Mapping[str, Data],
    modules: Mapping[str, str] | None = None,
) -> dict[str, Quantity]:
    """Return the conclusions of a figure's experiments, by "figN.panel.name".

    An experiment without the panels that it concludes from is left out.

    Args:
        project: The project that has the figure.
        figure: As "fig4".
        panels: Arrays by panel and name.
        modules: The module of each panel's experiment; by default, of the committed preset.
    """
    modules, quantities = modules or _modules(project, figure), {}
    for module in sorted(set(modules.values())):
        experiment = schema_in(module)
        own = {panel: data for panel, data in panels.items() if modules.get(panel) == module}
        if own and own.keys() >= set(experiment.CONCLUDES_FROM):
            concluded = experiment.conclusions(own)
            quantities |= {f"{figure}.{key}": value for key, value in concluded.items()}
    return quantities


def _modules(project: Project, figure: str) -> dict[str, str]:
    """Return the module of each panel's experiment in the committed preset."""
    experiments = experiments_of(project, f"{figure}/{project.committed_preset(figure)}")
    return {name: experiment.__module__ for name, experiment in experiments.items()}
