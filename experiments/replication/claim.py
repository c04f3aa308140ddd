"""A claim of the paper, and how it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.engine.base import Quantity
from experiments.replication.relations import Outcome, Relation


@dataclass(frozen=True)
class Claim:
    """One testable line of a claim.

    Attributes:
        id: Claim and line, as "C4a".
        statement: What is claimed, in a whole sentence that can be read by itself.
        quantity: What is measured, in words.
        value_of: Names of the golden quantities, in the order of the relation's arguments.
        relation: The relation that they must satisfy.
        source: Where the claim and its number come from, if not from its chapter's `SOURCE`.
        preset: The preset of the numbers. If not smoke, they come from a committed figure; see
            `committed`.
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
