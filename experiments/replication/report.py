"""Write REPLICATION.md's tables, results.csv and README's status from the committed numbers.

The command is `make replication`. Nothing is computed. A row of results.csv is a number that
`make verify` reproduces or that decides a claim.
"""

import argparse
import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from experiments.engine.cache import write_text
from experiments.engine.config import Place, Project, experiments_of
from experiments.engine.errors import run_command
from experiments.engine.experiment import ArraySpec, Quantity
from experiments.replication import goldens, published
from experiments.replication.claim import KINDS, Claim, claims_of
from experiments.tables import filled, table

PAGE, RESULTS, README = "REPLICATION.md", "results.csv", "README.md"
COLUMNS = "figure panel quantity preset value se ci_low ci_high unit n claims".split()
"""Columns of results.csv.

- ``panel`` is empty for a number of several panels.
- ``preset`` is the size of the computation: smoke, or that of the committed figure.
- ``se`` is a standard error, ``ci_low`` and ``ci_high`` are the ends of a 95 % confidence interval.
  All three are empty for numbers without a sampling error, and for those of one training.
- ``unit`` is 1 for dimensionless numbers; potentials are in units of the threshold.
- ``n`` says in words how much was measured, and ``claims`` which claims the number decides.
"""


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Write the pages and tables of all places."""
    parser = argparse.ArgumentParser("python -m experiments.replication.report")
    parser.description = __doc__
    parser.parse_args(arguments)
    project = project or Project()
    concluded = goldens.concluded(project)
    quantities = goldens.committed_quantities(project, concluded)
    for place in project.places:
        write_text(place.folder / PAGE, page(project, place, quantities))
        write_text(place.folder / RESULTS, results(project, place, concluded))
    write_text(project.root / README, readme(project, quantities))


def page(project: Project, place: Place, quantities: Mapping[str, Quantity]) -> str:
    """Return a place's page with the tables of its claims and of published numbers."""
    blocks = {"claims": table(("claim", "number: verdict"), claim_rows(place, quantities))}
    if (place.folder / published.PUBLISHED).is_file():
        blocks["published"] = published.section(project, quantities)
    return filled((place.folder / PAGE).read_text(), blocks)


def readme(project: Project, quantities: Mapping[str, Quantity]) -> str:
    """Return README.md with the status of the paper's claims, whose names begin with C."""
    claims = [claim for claim in claims_of(project.places[:1]) if claim.id.startswith("C")]
    verdicts = {claim.id: claim.evaluate(quantities).holds for claim in claims}
    inferring = [claim for claim in claims if claim.kind == "inference"]
    late = sum(claim.post_hoc for claim in inferring)
    holding, undecided, failing = (
        sum(holds is verdict for holds in verdicts.values()) for verdict in (True, None, False)
    )
    kinds = [
        f"{words} ({sum(claim.kind == kind for claim in claims)})"
        for kind, words in KINDS.items()
        if kind != "inference"
    ]
    met = ""
    if (project.root / published.PUBLISHED).is_file():
        known = published.numbers(project, quantities, published.on_picture(project))
        met = (
            f"**Published and ours.** {published.summary(project, known)} "
            f"[Number by number](REPLICATION.md#published-numbers).\n\n"
        )
    status = (
        f"{met}**Does the paper hold?** We split it into {len(claims)} statements. {holding} hold, "
        f"{undecided} are undecided, and {failing or 'none'} {'fail' if failing > 1 else 'fails'}. "
        f"{len(inferring)} infer something from a sample; in {late} of these the "
        f"wording or a margin was chosen when the numbers were known. The others show what they "
        f"state and no more: {', '.join(kinds)}. "
        f"[Each statement with its numbers](REPLICATION.md#claims).\n"
    )
    return filled((project.root / README).read_text(), {"status": status})


def claim_rows(place: Place, quantities: Mapping[str, Quantity]) -> Iterator[Sequence[str]]:
    """Yield a row for each claim: its statement, and what was measured with the verdict.

    A quantity or a sample size that is that of the row above is left out.
    """
    above = ("", "")
    for claim in claims_of([place]):
        figure = claim.value_of[0].partition(".")[0].removeprefix("fig")
        n = claim.n if claim.preset == "smoke" else f"{claim.preset}: {claim.n}"
        new = [x for x, y in zip((claim.quantity, n), above, strict=True) if x != y]
        above = (claim.quantity, n)
        yield (
            f"[{claim.id}](docs/figures.md#figure-{figure}) {claim.statement}",
            "<br>".join((*new, decided(claim, quantities))),
        )


def decided(claim: Claim, quantities: Mapping[str, Quantity]) -> str:
    """Return a claim's numbers and verdict."""
    outcome = claim.evaluate(quantities)
    verdict = "holds" if outcome.holds else f"**{outcome.verdict}**"
    remark = " (check)" if claim.kind == "check" else ""
    remark += " (chosen when the numbers were known)" if claim.post_hoc else ""
    return f"{outcome.measured}: {verdict}{remark}"


def results(project: Project, place: Place, concluded: Mapping[str, Quantity]) -> str:
    """Return the committed numbers of a place's figures as one tidy table, in CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(project, place, concluded))
    return text.getvalue()


def _rows(
    project: Project, place: Place, concluded: Mapping[str, Quantity]
) -> Iterator[tuple[str, ...]]:
    claims = claims_of([place])
    for figure in place.figures_in():
        arrays: dict[str, Mapping[str, ArraySpec]] = {
            panel: experiment.ARRAYS
            for preset in project.presets()[figure]
            for panel, experiment in experiments_of(project, f"{figure}/{preset}").items()
        }
        smoke = goldens.read(project.golden(figure)).quantities
        presets = {
            "smoke": {f"{figure}.{name}": quantity for name, quantity in smoke.items()},
            project.committed_preset(figure): {
                name: q for name, q in concluded.items() if name.startswith(f"{figure}.")
            },
        }
        for preset, quantities in presets.items():
            for name, quantity in sorted(quantities.items()):
                short = name.removeprefix(f"{figure}.")
                panel, _, rest = short.partition(".")
                # A number of several panels may have a dot in its name.
                panel, short = (panel, rest) if panel in arrays else ("", short)
                declared = arrays.get(panel, {}).get(short.partition("[")[0].removeprefix("first_"))
                deciding = [c for c in claims if name in c.value_of and c.preset == preset]
                se = quantity.se if quantity.kind == "statistical" else None
                se = se if quantity.ci_low is None else None
                values = (quantity.value, se, quantity.ci_low, quantity.ci_high)
                yield (
                    figure.removeprefix("fig"),
                    panel,
                    short,
                    preset,
                    *("" if x is None else f"{x:.6g}" for x in values),
                    (declared and declared.unit) or "1",
                    deciding[0].n if deciding else "",
                    " ".join(claim.id for claim in deciding),
                )


if __name__ == "__main__":
    run_command(main)
