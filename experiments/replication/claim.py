"""Claims of the paper, and how numbers decide them.

A claim names golden quantities, such as "fig4.along_w.dy_dw_true", and the relation that the
quantities must satisfy. A claim may have several lines: C1a, C1b. Each chapter lists its claims in
modules whose names begin with "claims".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from itertools import chain
from operator import attrgetter
from types import ModuleType
from typing import Any

from experiments.engine.config import Place
from experiments.engine.experiment import Quantity
from experiments.engine.quantity import brief
from experiments.replication.relations import Outcome, Relation

KINDS = {
    "inference": "inferences",
    "example": "examples",
    "identity": "identities",
    "check": "checks",
}
"""Kinds of claims, in words. An inference has a sample and an interval. An example is one network,
point or loop. An identity is true by construction, up to rounding. A check finds regressions."""

MOST = 6
"""Largest number of values that a claim shows in full."""


@dataclass(frozen=True)
class Claim:
    """Testable line of a claim.

    Attributes:
        id: Claim and line, such as "C4a".
        statement: The claim as a whole sentence that can be read alone.
        quantity: The measured quantity, in words.
        value_of: Names of the golden quantities, in the order of the relation's arguments.
        relation: The relation that the quantities must satisfy.
        source: Where the claim and its number come from, if not from its chapter's `SOURCE`.
        preset: The preset of the numbers. Numbers of other presets than smoke come from a committed
            figure; see `goldens.concluded`.
        limit: Origin of the relation's limit, unless the limit is zero, rounding or in the text.
        given: Parameters that the claim depends on, as {"panel.name": value}. A run with other
            values leaves the claim undecided.
        n: Sample size: networks, trials, points, spike patterns.
        kind: A key of `KINDS`.
        post_hoc: Whether the statement or its limit was chosen when the numbers were known: if
            either has the commit of the number or a later one, and no earlier rule. Limits that
            follow from the statement (zero, one, rounding) do not count.
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
    kind: str = field(default="inference", kw_only=True)
    post_hoc: bool = field(default=False, kw_only=True)

    def mismatch(self, parameters: Mapping[str, Any]) -> str:
        """Return in words the first parameter of `given` with another value in a run.

        Args:
            parameters: Parameters of the run by "panel.name". An absent parameter does not count:
                the run lacks the panel, hence the claim's quantity, too.

        Returns:
            The sentence; empty if all parameters agree.
        """
        for name, value in self.given.items():
            if (actual := parameters.get(name, value)) != value:
                return f"{name} is {actual}, not {value}"
        return ""

    def evaluate(self, quantities: Mapping[str, Quantity]) -> Outcome:
        """Decide the claim from quantities by "figN.panel.name"; it fails without one of them."""
        missing = [name for name in self.value_of if name not in quantities]
        if missing:
            return Outcome("not measured: " + ", ".join(missing), holds=False)
        chosen = {name: quantities[name] for name in self.value_of}
        return Outcome(
            in_words(chosen), self.relation.holds(*(quantities[name] for name in self.value_of))
        )


def in_words(quantities: Mapping[str, Quantity]) -> str:
    """Return numbers briefly, of many only the smallest and the largest.

    A name that ends in "_p" is a p-value. A name that ends in "_turned" is a number of tasks, each
    of which turns the verdict if it is left out.
    """
    parts: dict[str, list[Quantity]] = {"": [], "_p": [], "_turned": []}
    for name, quantity in quantities.items():
        parts[next((end for end in ("_p", "_turned") if name.endswith(end)), "")].append(quantity)
    values, remarks = parts[""], [*dict.fromkeys(f"p {p.value:.2g}" for p in parts["_p"])]
    if turned := sum(int(count.value) for count in parts["_turned"]):
        remarks.append(f"one of {turned} tasks turns it" if turned > 1 else "one task turns it")
    if len(values) <= MOST:
        return ", ".join([*map(brief, values), *remarks])
    least, *_, most = sorted(values, key=attrgetter("value"))
    return ", ".join([f"{brief(least)} to {brief(most)} ({len(values)} numbers)", *remarks])


def claims_of(places: Iterable[Place], chapters: Iterable[str] = "*") -> tuple[Claim, ...]:
    """Import and return the claims of some places, or of some of their chapters, in order."""
    modules = [
        import_module(f"{place.experiments}.{path.parent.name}.{path.stem}")
        for place in places
        for chapter in chapters
        for path in place.chapters.glob(f"{chapter}/claims*.py")
    ]
    return tuple(sorted(chain(*map(_of, modules)), key=_order))


def _order(claim: Claim) -> tuple[str, int, str]:
    """Return a key that sorts C2a before C2b before C10."""
    letter, number, line = re.split(r"(\d+)", claim.id)
    return letter, int(number), line


def _of(chapter: ModuleType) -> Iterator[Claim]:
    for claim in chapter.CLAIMS:
        yield claim if claim.source else replace(claim, source=chapter.SOURCE)
