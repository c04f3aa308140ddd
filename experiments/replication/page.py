"""Write REPLICATION.md's tables, results.csv and README's status from the committed numbers.

The command is `make replication`. Nothing is computed.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from experiments.engine.compute.atomic import write_text
from experiments.engine.configure.registry import FigureSet, Project
from experiments.engine.declare.experiment import Quantity
from experiments.engine.declare.quantity import brief, measured
from experiments.engine.errors import run_command
from experiments.replication import goldens, results
from experiments.replication.claim import Claim, claims_of
from experiments.replication.code_links import code_links
from experiments.tables import filled, table

PAGE, README = "REPLICATION.md", "README.md"
MOST = 6  # Largest number of values that a claim shows in full.

NUMBERS_HEAD = """\
## Reproduced numbers

The quantities of every figure at its smoke preset, which `make verify` computes anew. Exact ones
hold up to the error given, on every JAX; statistical ones up to five standard errors, and to
rounding on the same JAX; those with a band, of training and largest z-scores, within it.
"""


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Write the pages and tables of all rooms."""
    parser = argparse.ArgumentParser("python -m experiments.replication.page", description=__doc__)
    parser.parse_args(arguments)
    project = project or Project()
    for room in project.rooms:
        write_text(room.folder / PAGE, render(project, room))
        write_text(room.folder / results.FILE, results.render(project, room))
    write_text(project.root / README, readme(project))


def render(project: Project, room: FigureSet) -> str:
    """Return a room's page with the table of its claims."""
    claims = table(("claim", "number: verdict"), claim_rows(project, room))
    links = [(x[3:], code_links(project, x, room.folder)) for x in room.figures_in()]
    blocks = {"claims": claims, "code": table(("figure", "code"), links)}
    return filled((room.folder / PAGE).read_text(), blocks)


def readme(project: Project) -> str:
    """Return README.md with the status of the claims on the paper's figures."""
    quantities = goldens.committed_quantities(project)
    by_verdict: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for claim in claims_of(project.rooms[:1]):
        by_verdict[claim.evaluate(quantities).holds].append(claim.id)
    hold, undecided, failing = by_verdict.values()
    n_claims = sum(map(len, by_verdict.values()))
    status = (
        f"**Status:** of {n_claims} claims on the paper's figures, {len(hold)} hold, "
        f"{_counted(undecided, 'is undecided', 'are undecided')}, and "
        f"{_counted(failing, 'fails', 'fail')} ([replication report](REPLICATION.md#claims)).\n"
    )
    return filled((project.root / README).read_text(), {"status": status})


def _counted(names: Sequence[str], verb: str, plural: str) -> str:
    """Return how many claims have a verdict, and which."""
    if not names:
        return f"none {verb}"
    return f"{len(names)} {verb if len(names) == 1 else plural} ({', '.join(names)})"


def quantity_tables(project: Project, room: FigureSet) -> str:
    """Return tables of the figures' quantities, for the companion site."""
    figures = room.figures_in()
    tables = [_figure(figure, goldens.read(project.golden(figure))) for figure in figures]
    return "\n".join([NUMBERS_HEAD, *tables])


def claim_rows(project: Project, room: FigureSet) -> Iterator[Sequence[str]]:
    """Yield the rows of the table of claims.

    Claims with the same quantity and sample size follow each other, and name them once. Claims with
    one statement for several cases, named before a colon, share a row.
    """
    quantities, above = goldens.committed_quantities(project), ("", "")
    alike: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims_of([room]):
        n = claim.n if claim.preset == "smoke" else f"{claim.preset}: {claim.n}"
        key = claim.statement.rpartition(": ")[2], claim.quantity, n
        alike.setdefault(key, []).append(claim)
    measured = [here for _, *here in alike]
    for (statement, *here), claims in sorted(
        alike.items(), key=lambda x: measured.index([*x[0][1:]])
    ):
        new = ["" if x == y else x for x, y in zip(here, above, strict=True)]
        above, first = here, claims[0]
        words, cases = _named(first, first.statement), [_decided(first, quantities)]
        if claims[1:]:
            words = statement[0].upper() + statement[1:]
            cases = [
                _named(c, c.statement.removesuffix(statement) + _decided(c, quantities))
                for c in claims
            ]
        yield words, "<br>".join(filter(None, (*new, *cases)))


def _named(claim: Claim, words: str) -> str:
    figure = claim.value_of[0].partition(".")[0].removeprefix("fig")
    return f"[{claim.id}](docs/figures.md#figure-{figure}) {words}"


def _decided(claim: Claim, quantities: Mapping[str, Quantity]) -> str:
    """Return a claim's numbers and verdict."""
    outcome = claim.evaluate(quantities)
    measurement = _numbers(claim, quantities) or outcome.measured
    check = " (check)" if "(regression check)" in str(claim.relation) else ""
    return f"{measurement}: " + ("holds" if outcome.holds else f"**{outcome.verdict}**") + check


def _numbers(claim: Claim, quantities: Mapping[str, Quantity]) -> str:
    """Return a claim's numbers briefly, of many only the ends; nothing if one was not measured."""
    if any(name not in quantities for name in claim.value_of):
        return ""
    values = [quantities[name] for name in claim.value_of if not name.endswith("_p")]
    p_values = [f"p {quantities[name].value:.2g}" for name in claim.value_of if name.endswith("_p")]
    if len(values) <= MOST:
        return ", ".join([*map(brief, values), *p_values])
    least, *_, most = sorted(values, key=attrgetter("value"))
    return ", ".join([f"{brief(least)} to {brief(most)} ({len(values)} numbers)", *p_values])


def _figure(figure: str, golden: goldens.Golden) -> str:
    rows = [(f"`{n}`", measured(q), q.kind) for n, q in sorted(golden.quantities.items())]
    return f"### {figure} (JAX {golden.jax})\n\n" + table(["quantity", "value", "kind"], rows)


if __name__ == "__main__":
    run_command(main)
