"""Verdicts on a figure's claims from the numbers of a run, and titles that follow from them.

A picture shows the headline of the caption if the run decides the headline. A caption declares the
claims that decide the headline, the preset, and the title for all other runs: `figures.captions`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.engine.compute.record import Record
from experiments.engine.configure.compose import experiments_of
from experiments.engine.configure.registry import SIZES, Project, schema_in
from experiments.engine.declare.experiment import Data, Quantity
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome
from figures.captions import Caption, caption
from figures.drawing import pictures

ANY = "any"
"""Value in place of a preset: all presets, without changes."""
SPELLED = ("fails", "holds")
"""Verdicts whose claims are quoted in a title; all further claims are counted."""

Verdicts = dict[str, tuple[str, str]]
"""Verdict and statement by claim."""


def verdicts(record: Record) -> list[tuple[Claim, Outcome]]:
    """Decide a figure's claims by a run.

    A claim is undecided if the run does not measure its quantities, and not evaluated if it is
    stated for other parameters. In a run of another preset or with changed parameters, a claim is
    undecided, too, if a number has no error: a single seed gives none.
    """
    project, figure = Project(), record.plan.figure
    quantities = {f"{figure}.{name}": quantity for name, quantity in record.summary.items()}
    modules = {name: x.experiment for name, x in record.panels.items() if x.experiment}
    modules = modules or _modules(project, figure)
    quantities |= conclusions(project, figure, record.arrays, modules)
    parameters = _parameters(record)
    outcomes = []
    chapters = {module.split(".")[-2] for module in modules.values()}
    for claim in claims_of(project.rooms, chapters):
        if any(name.startswith(f"{figure}.") for name in claim.value_of):
            outcome = claim.evaluate(quantities)
            values = [quantities.get(name) for name in claim.value_of]
            stated = claim.preset == record.plan.preset and not record.plan.modified
            if mismatch := claim.mismatch(parameters):
                outcome = Outcome(mismatch, holds=None, evaluated=False)
            elif None in values or not stated and any(q and q.has_no_error for q in values):
                outcome = replace(outcome, holds=None)
            outcomes.append((claim, outcome))
    return outcomes


def _parameters(record: Record) -> dict[str, Any]:
    """Return a run's parameters by "panel.name", and the ends of lists by "[0]" and "[-1]"."""
    config = record.plan.config
    panels = {**config.get("panels", {}), **config.get("checks", {})}
    values = {f"{panel}.{name}": x for panel, own in panels.items() for name, x in own.items()}
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


def titles(project: Project, record: Record) -> dict[str, str]:
    """Return titles of the pictures of a run that do not keep the headline of their caption."""
    room, figure = project.room(record.plan.figure), record.plan.figure
    captions = {x: caption(x, room.captions) for x in pictures(figure, room.figures)}
    decided = _decided(record) if any(each.claims for each in captions.values()) else {}
    return {
        name: _title(each, decided)
        for name, each in captions.items()
        if each.title and not _headline_holds(each, record, decided)
    }


def _headline_holds(caption: Caption, record: Record, decided: Verdicts) -> bool:
    plan = record.plan
    unchanged = not plan.modified and caption.preset in (ANY, plan.preset)
    return (unchanged or not caption.preset) and not _deviations(caption, decided)


def _title(caption: Caption, decided: Verdicts) -> str:
    """Return the title, with the claims of the headline whose verdicts deviate."""
    deviations = _deviations(caption, decided)
    sentences = [caption.title]
    for verdict in dict.fromkeys(verdict for verdict, _ in deviations):
        stated = [statement for other, statement in deviations if other == verdict]
        count = "one claim" if len(stated) == 1 else f"{len(stated)} claims"
        quoted = f": {' '.join(stated)}" if verdict in SPELLED else "."
        sentences.append(f"In this run {count} {_verb(verdict, len(stated))}{quoted}")
    return " ".join(sentences)


def _verb(verdict: str, n: int) -> str:
    """Return a verdict as a verb for one or several claims: "fails", "fail", "are undecided"."""
    if verdict in SPELLED:
        return verdict if n == 1 else verdict.removesuffix("s")
    return f"{'is' if n == 1 else 'are'} {verdict}"


def _deviations(caption: Caption, decided: Verdicts) -> list[tuple[str, str]]:
    """Return verdict and statement of the caption's claims with another verdict than declared."""
    actual = {name: decided.get(name, ("undecided", "")) for name in caption.claims}
    return [actual[name] for name, stated in caption.claims.items() if actual[name][0] != stated]


def _decided(record: Record) -> Verdicts:
    """Return every claim of the figure with its verdict; a smaller preset decides none."""
    preset = record.plan.preset
    decided = {}
    for claim, outcome in verdicts(record):
        smaller = preset in SIZES and SIZES.index(preset) < SIZES.index(claim.preset)
        verdict = "undecided at this size" if smaller else outcome.verdict
        decided[claim.id] = (verdict, claim.statement)
    return decided
