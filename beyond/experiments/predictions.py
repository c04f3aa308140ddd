"""Predictions on trainings: a row of beyond/predictions.csv has a sentence, arms and a rule.

The rows are the one home of every prediction. `study` decides them; claims, the table of hypotheses
(beyond/docs/hypotheses.md), the verdicts on pages and beyond/verdicts.csv are generated from them.
Rules and rows are committed before any of their numbers.

To add a prediction, write a row there, its arms in `methods`, and the rules of a new family in
`families`. Cells contain no code:

- ``sentence`` is the statement. If it is made for several cells, each ``cell`` has a row.
- ``arms`` are pairs "first/second", with spaces between them, as between ``panels``.
- ``direction`` is above or below the ``limit``, or within the limit of 0.
- ``predicted`` is "no" if the opposite was predicted; the sentence then states what was found.
- ``rule`` and ``known`` are commits, eight digits each. `Prediction` explains the other columns.

Several rows with one id state one sentence of several arms or panels, and decide it together. A row
without an id is a test that belongs to a family and is no claim.
"""

import csv
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import NamedTuple

from beyond.experiments.families import FAMILIES, MEASURED, PANELS, SHARES, Family
from beyond.experiments.methods import AT_ONE, LONG, NAMES
from experiments.engine.errors import UserError, no_such
from experiments.replication.relations import Relation, above, below, within

PREDICTIONS = Path(__file__).parents[1] / "predictions.csv"
MARGIN = 0.22
"""Log ratio that counts as alike in the tests of equivalence: factors of 0.80 and 1.25."""
EQUALLY = 0.05
"""Difference of shares solved within which two gradients solve equally many tasks."""
LETTERS = "abcd"
"""Ends of the ids of a statement's cells."""


class Prediction(NamedTuple):
    """A prediction.

    Attributes:
        id: name of the claim; several rows may decide one claim. Empty for a test that belongs to a
            family and is no claim.
        words: the statement, a sentence.
        pairs: arms that are compared: the first against the second.
        panels: panels in which they are compared.
        family: a key of `FAMILIES`.
        relation: relation that each difference or ratio must satisfy.
        measure: name of the measured quantity, if a panel has several.
        test: a key of `study.TESTS`, if it is not the family's.
        predicted: whether this was predicted; False if the opposite was, and the row states what
            was found.
        cell: noise, task or panel, in words, of a statement that is made for several of them. Each
            of them has a row, whose id ends in a letter of its own.
        date: date of the rule.
        rule: commits that fixed the rule.
        known: first commit that contains or knew any of the numbers; empty if it is unknown.
        amended: changes of the rule with their commits. Changes of the protocol of all predictions
            are in beyond/docs/hypotheses.md.
        reservation: why the verdict may change, in words that follow "It is".
    """

    id: str
    words: str
    pairs: tuple[tuple[str, str], ...]
    panels: tuple[str, ...]
    family: str
    relation: Relation
    measure: str = ""
    test: str = ""
    predicted: bool = True
    cell: str = ""
    date: str = ""
    rule: str = ""
    known: str = ""
    amended: str = ""
    reservation: str = ""

    @property
    def statement(self) -> str:
        """The statement with its reservation."""
        return f"{self.words} It is {self.reservation}" if self.reservation else self.words

    @property
    def sentence(self) -> str:
        """The statement with its cell and its reservation."""
        lower = f"{self.statement[0].lower()}{self.statement[1:]}"
        return f"{self.cell}: {lower}" if self.cell else self.statement

    @property
    def rules(self) -> Family:
        """The rules of the family."""
        return FAMILIES[self.family]

    @property
    def ratio(self) -> bool:
        """True if a difference of logs is reported as a ratio."""
        return self.rules.ratio and not self.test

    @property
    def measured(self) -> str:
        """The measured quantity, in words."""
        return MEASURED.get(self.test, self.rules.measured)

    @property
    def n_estimates(self) -> int:
        """Number of estimates."""
        return len(self.pairs) * len(self.panels)

    @property
    def p_name(self) -> str:
        """Name of the largest p-value."""
        return f"{self.family}.{self.id}_p"

    def named(self, panel: str, pair: tuple[str, str]) -> str:
        """Return the name of an estimate."""
        where = f"_in_{self.measure}" if self.measure else ""
        scale = "" if self.ratio or self.rules.measured == SHARES else "_log"
        return f"{panel}.{'_over_'.join(pair)}{where}{scale}"

    def turned_name(self, panel: str) -> str:
        """Return the name of the number of a panel's tasks that turn the verdict."""
        return f"{self.named(panel, self.pairs[0])}_{self.id}_turned"

    @property
    def values(self) -> list[str]:
        """Names of the quantities that decide this row, as `study.decided` reads them."""
        names = [self.named(panel, pair) for panel in self.panels for pair in self.pairs]
        p_values = [self.p_name] if self.rules.corrected else []
        names += [*p_values, *map(self.turned_name, self.panels)]
        return [f"{self.rules.figure}.{name}" for name in names]


COLUMNS = (
    "id cell sentence arms panels measure family test direction limit predicted date rule known "
    "amended reservation"
).split()
AS_WRITTEN = "cell measure family test date rule known amended reservation".split()
"""Columns whose texts are attributes."""
DIRECTIONS: dict[str, Callable[[float], Relation]] = {
    "above": above,
    "below": below,
    "within": lambda margin: within(0, atol=margin),
}
"""Relations to a limit."""
COMMITS = r"[0-9a-f]{8}( [0-9a-f]{8})*"
FORMS = {
    "arms": (r"[^\s/]+/[^\s/]+( [^\s/]+/[^\s/]+)*", "pairs first/second, with spaces between them"),
    "panels": (r"\S+( \S+)*", "names, with spaces between them"),
    "limit": (r"-?\d+(\.\d+)?", "a number"),
    "predicted": ("yes|no", "yes or no"),
    "date": (r"\d{4}-\d\d-\d\d", "the day of the rule, such as 2026-12-01"),
    "rule": (COMMITS, "the commit that fixed the rule, eight digits"),
    "known": (f"({COMMITS})?", "the commit that knew the numbers, eight digits, or nothing"),
}
"""Regular expressions of cells, with their meaning."""


def read(path: Path = PREDICTIONS) -> tuple[Prediction, ...]:
    """Return the predictions of a table with the columns `COLUMNS`.

    Raises:
        UserError: If a row names an unknown family, arm or panel, lacks a commit, repeats an id, or
            has another cell that is not of its form.
    """
    with path.open(newline="", encoding="utf-8") as file:
        header, *lines = list(csv.reader(file)) or [[]]
    if header != COLUMNS:
        raise _refusal(path.name, "columns", header, ", ".join(COLUMNS))
    rows, sentences, compared = [], {}, set()
    for number, cells in enumerate(lines, start=2):
        where = f"{path.name}, line {number}"
        row = _row(cells, where)
        name = row.id or where
        own = {(name, row.measure, *place) for place in product(row.panels, row.pairs)}
        if sentences.setdefault(name, row.sentence) != row.sentence or own & compared:
            expected = "a new id, or the sentence of this id for other arms, panels or measures"
            raise _refusal(where, "id, which another row has", row.id, expected)
        compared |= own
        rows.append(row)
    return tuple(rows)


def _row(cells: list[str], where: str) -> Prediction:
    """Return the prediction of a line."""
    if len(cells) != len(COLUMNS):
        raise _refusal(where, "number of cells", len(cells), f"{len(COLUMNS)}, one a column")
    row: dict[str, str] = dict(zip(COLUMNS, cells, strict=True))
    where += f", {row['id'] or 'no id'}"
    for column, (form, meaning) in FORMS.items():
        if not re.fullmatch(form, row[column]):
            raise _refusal(where, column, row[column] or "nothing", meaning)
    first, second = zip(*(pair.split("/") for pair in row["arms"].split()), strict=True)
    panels = tuple(row["panels"].split())
    arms = [name.removesuffix(LONG).removesuffix(AT_ONE) for name in first + second]
    families = [name for name, rules in FAMILIES.items() if rules.figure]
    for what, names, valid, home in (
        ("family", [row["family"]], families, "families.FAMILIES"),
        ("panel", panels, PANELS, "families.PANELS"),
        ("arm", arms, NAMES, "methods.NAMES"),
        ("direction", [row["direction"]], DIRECTIONS, "predictions.DIRECTIONS"),
    ):
        for name in names:
            if name not in valid:
                fix = f"write {{}}, or add {name} to {home}"
                raise no_such(f"{where}: no such {what}", name, name, valid, fix)
    return Prediction(
        row["id"],
        row["sentence"],
        tuple(zip(first, second, strict=True)),
        panels,
        relation=DIRECTIONS[row["direction"]](float(row["limit"])),
        predicted=row["predicted"] == "yes",
        **{column: row[column] for column in AS_WRITTEN},
    )


def _refusal(where: str, what: str, got: object, expected: str) -> UserError:
    return UserError(f"{where}: wrong {what}", got, expected, "correct beyond/predictions.csv")


ROWS: tuple[Prediction, ...] = read()
"""All predictions."""
DECIDED_ANEW = next(row.reservation for row in ROWS if row.reservation)
"""Reservation on verdicts in low noise, in networks that can be enumerated.

The losses are geometric means over the first 8 tasks of `trained_low_noise`, at the rate 0.03.
"""
