"""Write REPLICATION.md from the goldens and the claims: `make replication`.

Nothing is computed. The text before the tables is docs/replication_notes.md.
"""

import argparse
import re
from collections.abc import Iterator, Sequence

from experiments.engine.atomic import write_text
from experiments.engine.base import Quantity
from experiments.engine.compose import Plan, plan
from experiments.engine.errors import run_command
from experiments.engine.quantity import measured
from experiments.engine.registry import Project
from experiments.replication import committed
from experiments.replication.claim import Claim, evaluate_claims
from experiments.replication.claims import CLAIMS
from experiments.replication.goldens import Golden, read

HEAD = """\
<!-- Written by `make replication` from tests/goldens, experiments/replication/claims and
docs/replication_notes.md: change those, not this file. -->

# Replication report

Below the notes, the claims. The quantities that each figure is held to are tests/goldens; the
companion site's page of this report, `make site`, lists them.
"""

CLAIMS_HEAD = """\
## Claims

Decided by `make verify`, which computes the smoke presets anew; a claim on another preset is
decided by the committed numbers of the figure. A number must hold its relation with its whole
interval: the 95 % interval where one is printed, else three standard errors to either side. Where
only a part of the interval does, the claim is undecided. A regression check compares numbers whose
error is not known, such as those of one training, and infers nothing beyond them. *Seeds* are those
of the preset (–: nothing is random, or the network has a seed of its own); *n* is how much was
measured.

| claim | statement | quantity | measured | must be | verdict | preset | seeds | n | source |
|---|---|---|---|---|---|---|---|---|---|
"""

SMOKE = "smoke"

NUMBERS_HEAD = """\
## Reproduced numbers

The quantities of every figure at its smoke preset, which `make verify` computes anew. Exact ones
hold up to the error given, on every JAX; statistical ones up to five standard errors, and to
rounding on the same JAX; those with a band, of training and largest z-scores, within it.
"""


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser("python -m experiments.replication.page")
    parser.description = __doc__
    parser.parse_args(arguments)
    project = project or Project()
    write_text(project.root / "REPLICATION.md", render(project))
    return 0


def render(project: Project) -> str:
    """Return the page as Markdown."""
    notes = project.root / "docs" / "replication_notes.md"
    parts = [HEAD]
    if notes.is_file():
        # Written in docs/, read at the root.
        parts.append(re.sub(r"\]\((?=[\w.]+\.md)", "](docs/", notes.read_text()))
    return "\n".join([*parts, CLAIMS_HEAD + "".join(_claims(project))])


def numbers(project: Project) -> str:
    """Return the tables of every figure's quantities, which the companion site shows below."""
    goldens = {figure: read(project.goldens / f"{figure}.json") for figure in project.presets()}
    return "\n".join([NUMBERS_HEAD, *(_figure(*named) for named in goldens.items())])


def _claims(project: Project) -> Iterator[str]:
    quantities = committed.known(project)
    plans: dict[str, Plan] = {}
    for claim, outcome in evaluate_claims(CLAIMS, quantities):
        yield _row(
            claim.id,
            claim.statement,
            claim.quantity,
            outcome.measured,
            "; ".join(filter(None, (str(claim.relation), claim.limit))),
            "holds" if outcome.holds else f"**{outcome.verdict}**",
            claim.preset,
            _seeds(project, claim, quantities, plans),
            claim.n,
            claim.source,
        )


def _seeds(
    project: Project, claim: Claim, quantities: dict[str, Quantity], plans: dict[str, Plan]
) -> str:
    """The seeds of a claim's numbers, as the preset or the committed figure has them."""
    if any(name not in quantities for name in claim.value_of):
        return ""
    if claim.preset != SMOKE:
        return quantities[claim.value_of[0]].why
    found = set()
    for name in claim.value_of:
        figure, panel, _ = name.split(".", 2)
        if figure not in plans:
            plans[figure] = plan(project, [f"figure={figure}/{SMOKE}"])
        found.add(tuple(plans[figure].root.experiments[panel].seed_list))
    listed = "; ".join(", ".join(map(str, seeds)) for seeds in sorted(found))
    return listed.replace("None", "–")


def _figure(figure: str, golden: Golden) -> str:
    rows = [_row(f"`{n}`", measured(q), q.kind) for n, q in sorted(golden.quantities.items())]
    head = f"### {figure} (JAX {golden.jax})\n\n| quantity | value | kind |\n|---|---|---|\n"
    return head + "".join(rows)


def _row(*cells: str) -> str:
    # An unescaped bar would end the cell.
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    run_command(main)
