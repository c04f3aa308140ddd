"""A figure's claims, decided by the numbers of one run, and what its pictures may then say.

A picture has the claim of its caption where the run decides it. A caption declares which claims
decide its headline, for which preset, and the title of any other run: `figures.captions`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from experiments.engine.compute.record import Record
from experiments.engine.configure.registry import SIZES, Project
from experiments.engine.declare.experiment import Data, Quantity
from experiments.replication.claim import Claim, claims_of
from experiments.replication.relations import Outcome
from figures.captions import Caption, caption
from figures.drawing import pictures

ANY = "any"
"""In place of a preset: all presets, unchanged."""
SPELLED = ("fails", "holds")
"""Verdicts of claims that are quoted; the others are counted."""

Verdicts = dict[str, tuple[str, str]]
"""Verdict and statement of each claim."""


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
    return project.experiments_by_panel(f"{figure}/{project.committed_preset(figure)}")


def titles(project: Project, record: Record) -> dict[str, str]:
    """Return the title of each picture of a run that may not have the headline of its caption."""
    room, figure = project.room(record.plan.figure), record.plan.figure
    said = {x: caption(x, room.captions) for x in pictures(figure, room.figures)}
    found = _found(record) if any(of.claims for of in said.values()) else {}
    return {
        name: _title(of, found)
        for name, of in said.items()
        if of.title and not _headline_stands(of, record, found)
    }


def _headline_stands(said: Caption, record: Record, found: Verdicts) -> bool:
    plan = record.plan
    as_it_is = not plan.modified and said.preset in (ANY, plan.preset)
    return (as_it_is or not said.preset) and not _others(said, found)


def _title(said: Caption, found: Verdicts) -> str:
    """Return the title, and how many claims of the headline come out otherwise: which, in words."""
    others = _others(said, found)
    sentences = [said.title]
    for verdict in dict.fromkeys(verdict for verdict, _ in others):
        stated = [statement for of, statement in others if of == verdict]
        count = "one claim" if len(stated) == 1 else f"{len(stated)} claims"
        quoted = f": {' '.join(stated)}" if verdict in SPELLED else "."
        sentences.append(f"In this run {count} {_verb(verdict, len(stated))}{quoted}")
    return " ".join(sentences)


def _verb(verdict: str, n: int) -> str:
    """Return a verdict as what one or several claims do: "fails", "fail", "are undecided"."""
    if verdict in SPELLED:
        return verdict if n == 1 else verdict.removesuffix("s")
    return f"{'is' if n == 1 else 'are'} {verdict}"


def _others(said: Caption, found: Verdicts) -> list[tuple[str, str]]:
    here = {name: found.get(name, ("undecided", "")) for name in said.claims}
    return [here[name] for name, stated in said.claims.items() if here[name][0] != stated]


def _found(record: Record) -> Verdicts:
    """Every claim of the figure with its verdict; numbers of a smaller preset decide none."""
    preset = record.plan.preset
    found = {}
    for claim, outcome in verdicts(record):
        smaller = preset in SIZES and SIZES.index(preset) < SIZES.index(claim.preset)
        verdict = "undecided at this size" if smaller else outcome.verdict
        found[claim.id] = (verdict, claim.statement)
    return found
