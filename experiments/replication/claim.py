"""A claim of the paper, and how it is decided.

A claim names golden quantities, as "fig4.along_w.dy_dw_true", and the relation that they must
stand in. Several lines may belong to one claim: C1a, C1b. Each chapter has its own, in modules
whose names begin with "claims".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

from experiments.engine.configure.registry import Room
from experiments.engine.declare.experiment import Quantity
from experiments.replication.relations import Outcome, Relation


@dataclass(frozen=True)
class Claim:
    """One testable line of a claim.

    Attributes:
        id: Claim and line, as "C4a".
        statement: What is claimed, in a whole sentence that can be read by itself. Claims that
            differ in their case alone name it before a colon.
        quantity: What is measured, in words.
        value_of: Names of the golden quantities, in the order of the relation's arguments.
        relation: The relation that they must satisfy.
        source: Where the claim and its number come from, if not from its chapter's `SOURCE`.
        preset: The preset of the numbers. If not smoke, they come from a committed figure; see
            `goldens.concluded`.
        limit: Where the relation's limit comes from, unless it is zero, rounding, or in the text.
        given: Parameters that the claim speaks of, as {"panel.name": value}. A run with others
            does not evaluate it.
        n: How much was measured: networks, trials, points, spike patterns.
    """

    id: str
    statement: str
    quantity: str
    value_of: tuple[str, ...]
    relation: Relation
    source: str = ""
    preset: str = "smoke"
    limit: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    n: str = field(kw_only=True)

    def unmet(self, parameters: Mapping[str, Any]) -> str:
        """Return in words the first of `given` that a run's "panel.name" do not meet, or nothing.

        A parameter that the run does not have goes with a quantity that it does not have.
        """
        for name, value in self.given.items():
            if (here := parameters.get(name, value)) != value:
                return f"{name} is {here}, not {value}"
        return ""

    def evaluate(self, quantities: Mapping[str, Quantity]) -> Outcome:
        """Decide the claim, which fails if a quantity was not measured."""
        missing = [name for name in self.value_of if name not in quantities]
        if missing:
            return Outcome("not measured: " + ", ".join(missing), holds=False)
        return self.relation.apply(*(quantities[name] for name in self.value_of))


def evaluate_claims(
    claims: tuple[Claim, ...], quantities: Mapping[str, Quantity]
) -> list[tuple[Claim, Outcome]]:
    """Return every claim with its outcome, from quantities by "figN.panel.name"."""
    return [(claim, claim.evaluate(quantities)) for claim in claims]


def claims_of(rooms: Iterable[Room], chapters: Iterable[str] = "*") -> tuple[Claim, ...]:
    """Return the claims of some rooms in order, or of some of their chapters; import no other."""
    modules = [
        import_module(f"{room.experiments}.{path.parent.name}.{path.stem}")
        for room in rooms
        for chapter in chapters
        for path in room.chapters.glob(f"{chapter}/claims*.py")
    ]
    return tuple(sorted(chain(*map(_of, modules)), key=_order))


def _order(claim: Claim) -> tuple[str, int, str]:
    """C2a before C2b before C10."""
    letter, number, line = re.split(r"(\d+)", claim.id)
    return letter, int(number), line


def _of(chapter: ModuleType) -> Iterator[Claim]:
    for claim in chapter.CLAIMS:
        yield claim if claim.source else replace(claim, source=chapter.SOURCE)
