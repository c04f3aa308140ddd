"""What a run's pictures may say above their panels: the claim of the caption, where it decides it.

A caption declares which claims decide its headline, for which preset, and the title of any other
run: `figures.captions`.
"""

from experiments.engine.record import Record
from experiments.engine.registry import SIZES, Project
from experiments.replication.verdicts import verdicts
from figures.captions import Caption, caption
from figures.drawing import pictures

ANY = "any"
"""In place of a preset: all presets, unchanged."""
SPELLED = ("fails", "holds")
"""Verdicts of claims that are quoted; the others are counted."""

Verdicts = dict[str, tuple[str, str]]
"""Verdict and statement of each claim."""


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
