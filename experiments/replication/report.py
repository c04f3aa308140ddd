"""Writes REPLICATION.md from the goldens and the claims: `make replication`.

Nothing is trained. The words before the tables are docs/replication_notes.md.
"""

import sys
from collections.abc import Iterator, Sequence

from experiments.engine.atomic import write_text
from experiments.engine.errors import guarded
from experiments.engine.registry import Project
from experiments.replication import paired
from experiments.replication.claim import evaluate_claims
from experiments.replication.claims import CLAIMS
from experiments.replication.goldens import Golden, read
from experiments.replication.relations import measured

HEAD = """\
<!-- Written by `make replication` from tests/goldens, experiments/replication/claims and
docs/replication_notes.md: change those, not this file. -->

# Replication report
"""

CLAIMS_HEAD = """\
## Claims

Decided by `make verify` on the smoke presets. A statistical number must hold its relation with
three standard errors to spare.

| claim | statement | quantity | measured | must be | verdict | source |
|---|---|---|---|---|---|---|
"""

PAIRED_HEAD = """\
### Figure 6: what training the hidden weights gains

The committed numbers of figure 6, paper preset. Distances are medians over seeds; their ratio is
paired by seed: geometric mean with Student's 95 % interval of the logarithms. An interval that
contains 1 is undecided. Intervals are not widened for the number of comparisons.

"""

NUMBERS_HEAD = """\
## Reproduced numbers

The quantities of every figure at its smoke preset, which `make verify` computes anew. Exact ones
hold up to the error given, on every JAX; statistical ones up to five standard errors, and to
rounding on the same JAX; those with a band, of training and largest z-scores, within it.
"""


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Writes the report."""
    project = project or Project()
    write_text(project.root / "REPLICATION.md", render(project))
    return 0


def render(project: Project) -> str:
    """The report as Markdown."""
    goldens = {figure: read(project.goldens / f"{figure}.json") for figure in project.presets()}
    notes = project.root / "docs" / "replication_notes.md"
    parts = [HEAD]
    if notes.is_file():
        parts.append(notes.read_text())
    parts.append(CLAIMS_HEAD + "".join(_claims(goldens)))
    committed = project.root / "figures" / "reference" / "fig6.npz"
    if committed.is_file():
        parts.append(PAIRED_HEAD + _table(paired.table(committed)))
    parts.append(NUMBERS_HEAD)
    parts += [_figure(figure, golden) for figure, golden in goldens.items()]
    return "\n".join(parts)


def _claims(goldens: dict[str, Golden]) -> Iterator[str]:
    quantities = {
        f"{figure}.{name}": quantity
        for figure, golden in goldens.items()
        for name, quantity in golden.quantities.items()
    }
    for claim, outcome in evaluate_claims(CLAIMS, quantities):
        verdict = "holds" if outcome.holds else "**fails**"
        yield _row(
            claim.id,
            claim.statement,
            claim.quantity,
            outcome.measured,
            str(claim.relation),
            verdict,
            claim.source,
        )


def _table(cells: list[list[str]]) -> str:
    head, *rows = cells
    rule = ["---"] * len(head)
    return "".join(_row(*row) for row in (head, rule, *rows))


def _figure(figure: str, golden: Golden) -> str:
    rows = [_row(f"`{n}`", measured(q), q.kind) for n, q in sorted(golden.quantities.items())]
    head = f"### {figure} (JAX {golden.jax})\n\n| quantity | value | kind |\n|---|---|---|\n"
    return head + "".join(rows)


def _row(*cells: str) -> str:
    # A bar within a cell would end it.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
