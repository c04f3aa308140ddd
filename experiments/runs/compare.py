"""Comparison of two runs: make compare A=results/smoke/fig5 B=results/smoke/fig5-...

Without B, run A is compared with its preset. Name a run by its folder, or by a preset, as
fig5/smoke. The command prints the differences and the verdicts on the paper's claims. It writes an
HTML file with both, and with pictures, captions and provenance, below results/reports/. The last
line is the path of that file.
"""

import argparse
from collections.abc import Sequence

from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError, from_here, run_command
from experiments.engine.quantity import measured
from experiments.engine.run import Record
from experiments.replication.verdicts import verdicts
from experiments.runs import pages
from experiments.runs.difference import HEADER, compare_numbers
from experiments.runs.published import NONE, differing, facts, find, pictures, place
from experiments.tables import aligned, wrap
from figures.captions import caption

SIDES = "A", "B"
CLAIM = ["claim", "statement", "must be"]


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Print the comparison, write its page, and print the page's path."""
    parser = argparse.ArgumentParser("python -m experiments.runs.compare", description=__doc__)
    parser.add_argument("a", metavar="RUN", help="a run")
    parser.add_argument("b", metavar="RUN", nargs="?", help="another run of the same figure")
    options, project = parser.parse_args(arguments), project or Project()
    runs = _found(project, options.a, options.b)
    sides = list(zip(SIDES, runs, strict=False))
    for side, run in sides:
        print(f"{side}: {run.plan.title}  ({from_here(place(run))})")
    header, changed = _parameters(project, runs)
    print(
        "", aligned(header, changed, [40, 40, 40]) if changed else "no parameter differs", sep="\n"
    )
    claim_header, claims = _claims(runs)
    print("", aligned(claim_header, claims, [5, 44, 24, *[34, 9] * len(runs)]), sep="\n")
    if len(runs) == 2:
        number_header, (rows, notes) = HEADER, compare_numbers(*runs)
        shown = aligned(HEADER, rows, [40, 32, 32, 11, 7, 12]) if rows else "no number differs"
        print("", shown, sep="\n")
    else:
        number_header, notes = ["quantity", "value"], []
        rows = [[name, measured(quantity)] for name, quantity in runs[0].summary.items()]
    if changed and any("fails" in row for row in claims):
        notes.append(
            "A claim is stated for the paper's parameters: that it fails here is a finding."
        )
    print("", *(line for note in notes for line in wrap(note, 100)), "", sep="\n")
    names = sorted({path.name for run in runs for path in pictures(run)})
    page = pages.add(
        project,
        runs,
        title=" against ".join(run.plan.title for run in runs),
        pictures=[[(side, run, _picture(run, name)) for side, run in sides] for name in names],
        parameters=(header, changed),
        claims=(claim_header, claims),
        numbers=(number_header, rows),
        notes=notes,
        captions=[caption(name.rpartition(".")[0]) for name in names],
        provenance=(["", *(side for side, _ in sides)], facts(*runs)),
    )
    print(from_here(page))


def _found(project: Project, first: str, second: str | None) -> list[Record]:
    """Return one or two runs.

    Raises:
        UserError: If a run does not exist, or if the runs show different figures.
    """
    other = "" if second is None else f" B={second}"
    a = find(project, first, f"make compare A={{}}{other}")
    if second is None:
        return [a]
    b = find(project, second, f"make compare A={from_here(place(a))} B={{}}")
    if a.plan.figure != b.plan.figure:
        raise UserError(
            "runs of different figures have nothing to compare",
            f"{a.plan.figure} and {b.plan.figure}",
            "two runs of one figure",
            f"make compare A={from_here(place(a))} B=another run of {a.plan.figure}",
        )
    return [a, b]


def _parameters(project: Project, runs: Sequence[Record]) -> tuple[list[str], list[list[str]]]:
    """Return a header and the differing parameters of two runs, or of a run and its preset."""
    if len(runs) == 2:
        a, b = runs
        return ["parameter", *SIDES], differing(a.plan.parameters, b.plan.parameters)
    (run,) = runs
    preset = plan(project, [f"figure={run.plan.figure}/{run.plan.preset}"])
    return ["parameter", "preset", "A"], differing(preset.parameters, run.plan.parameters)


def _claims(runs: Sequence[Record]) -> tuple[list[str], list[list[str]]]:
    """Return a header and the figure's claims, with the number and the verdict in each run."""
    decided = [{claim.id: (claim, outcome) for claim, outcome in verdicts(run)} for run in runs]
    claims = {name: claim for column in decided for name, (claim, _) in column.items()}
    rows = []
    for name, claim in claims.items():
        row = [name, claim.statement, str(claim.relation)]
        for column in decided:
            outcome = column[name][1] if name in column else None
            row += [outcome.measured, outcome.verdict] if outcome else [NONE, NONE]
        rows.append(row)
    sides = SIDES[: len(runs)]
    return [*CLAIM, *(f"{x}, {side}" for side in sides for x in ("measured", "verdict"))], rows


def _picture(run: Record, name: str) -> object:
    path = place(run) / name
    return path if path.is_file() else None


if __name__ == "__main__":
    run_command(main)
