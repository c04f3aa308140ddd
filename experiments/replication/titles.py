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


def _headline_stands(said: Caption, record: Record, found: dict[str, str]) -> bool:
    plan = record.plan
    as_it_is = not plan.modified and said.preset in (ANY, plan.preset)
    return (as_it_is or not said.preset) and not _others(said, found)


def _title(said: Caption, found: dict[str, str]) -> str:
    """Return the title, and the claims of the headline that come out otherwise."""
    others = _others(said, found)
    named = {verdict: [n for n in others if others[n] == verdict] for verdict in others.values()}
    here = "; ".join(f"{', '.join(names)} {verdict}" for verdict, names in named.items())
    return said.title + (f" In this run: {here}." if here else "")


def _others(said: Caption, found: dict[str, str]) -> dict[str, str]:
    here = {name: found.get(name, "undecided") for name in said.claims}
    return {name: verdict for name, verdict in here.items() if verdict != said.claims[name]}


def _found(record: Record) -> dict[str, str]:
    """Every claim of the figure with its verdict; numbers of a smaller preset decide none."""
    preset = record.plan.preset
    return {
        claim.id: "undecided at this size"
        if preset in SIZES and SIZES.index(preset) < SIZES.index(claim.preset)
        else outcome.verdict
        for claim, outcome in verdicts(record)
    }
