"""Two runs side by side: make compare A=results/smoke/fig5 B=results/smoke/fig5-...

A run is its folder, or a preset, as fig5/smoke. Prints what differs, and writes it with pictures,
captions and provenance into one HTML file below results/reports/, whose path is the last line.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from experiments.engine.errors import UserError, run_command
from experiments.engine.publish import shown
from experiments.engine.record import Record
from experiments.engine.registry import Project
from experiments.runs import difference, index
from experiments.runs.published import facts, find, pictures, place
from experiments.tables import aligned, wrap
from figures.captions import caption

HEADER = ["quantity", "A", "B", "B - A", "z", "verdict"]


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Print the comparison, write its page, and print where that is."""
    parser = argparse.ArgumentParser("python -m experiments.runs.compare", description=__doc__)
    parser.add_argument("runs", nargs=2, metavar="RUN")
    runs, project = parser.parse_args(arguments).runs, project or Project()
    a = find(project, runs[0], "make compare A={} B=" + (runs[1] or "results/PRESET/figN-..."))
    b = find(project, runs[1], f"make compare A={shown(place(a))} B={{}}")
    if a.plan.figure != b.plan.figure:
        fix = f"make compare A={shown(place(a))} B=another run of {a.plan.figure}"
        raise UserError(
            "runs of different figures have nothing to compare",
            f"{a.plan.figure} and {b.plan.figure}",
            "two runs of one figure",
            fix,
        )
    changed = difference.parameters(a.plan.parameters, b.plan.parameters)
    rows, notes = numbers(a, b)
    print(f"A: {a.plan.title}  ({shown(place(a))})\nB: {b.plan.title}  ({shown(place(b))})\n")
    print(
        aligned(["parameter", "A", "B"], changed, [40, 40, 40])
        if changed
        else "no parameter differs"
    )
    print()
    print(aligned(HEADER, rows, [40, 32, 32, 11, 7, 12]) if rows else "no number differs")
    print("", *(line for note in notes for line in wrap(note, 100)), "", sep="\n")
    names = sorted({path.name for run in (a, b) for path in pictures(run)})
    page = index.add(
        project,
        "compare.html",
        (a, b),
        title=f"{a.plan.title} against {b.plan.title}",
        pictures=[[("A", a, _picture(a, name)), ("B", b, _picture(b, name))] for name in names],
        parameters=changed,
        header=HEADER,
        rows=rows,
        notes=notes,
        captions=[caption(Path(name).stem) for name in names],
        provenance=facts(a, b),
    )
    print(shown(page))


def numbers(a: Record, b: Record) -> tuple[list[list[str]], list[str]]:
    """Return rows of the numbers that differ, and notes on how to read them."""
    every = difference.changes(a.summary, b.summary)
    largest = difference.largest_by_chance(every)
    rows = [change.cells(largest) for change in every if not change.same]
    notes = [f"{len(every) - len(rows)} of {len(every)} numbers are the same."]
    if n := sum(change.z is not None for change in every):
        notes.append(
            f"z: difference over the root of the sum of both squared standard errors. A number is "
            f"said to differ where |z| > {largest:.2f}: of {n} equal numbers one exceeds that by "
            f"chance in {difference.LEVEL:.0%} of comparisons. Otherwise it is undecided."
        )
        if {part["seed"] for part in a.parts} & {part["seed"] for part in b.parts} - {None}:
            notes.append(
                "Both runs have seeds in common. Where they share random numbers, their errors are "
                "not independent, and z is a guide, not a test."
            )
    if same := difference.identical(a.arrays, b.arrays):
        notes.append(f"Panels with the same arrays to the last bit: {', '.join(same)}.")
    return rows, notes


def _picture(run: Record, name: str) -> Path | None:
    path = place(run) / name
    return path if path.is_file() else None


if __name__ == "__main__":
    run_command(main)
