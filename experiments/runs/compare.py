"""Two runs side by side: make compare A=results/smoke/fig5 B=results/smoke/fig5-...

python -m experiments.runs.compare A B

A run is its folder, or a preset, as fig5/smoke. Prints what differs, and writes it with pictures,
captions and provenance into one HTML file below results/reports/, whose path is the last line.
"""

from collections.abc import Sequence
from pathlib import Path

from experiments.engine.atomic import write_text
from experiments.engine.errors import UserError, run_command
from experiments.engine.publish import shown
from experiments.engine.registry import Project
from experiments.runs import difference, index
from experiments.runs.provenance import provenance
from experiments.runs.published import Published, find
from experiments.table import table, wrap
from figures.captions import caption

USAGE = "make compare A={} B=results/PRESET/figN-..."
HEADER = ["quantity", "A", "B", "B - A", "z", "verdict"]


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Prints the comparison, writes its page, and prints where that is."""
    project = project or Project()
    if len(arguments) != 2:
        got = " ".join(arguments) or "nothing"
        raise UserError("a comparison is of two runs", got, "A=... and B=...", USAGE)
    a, b = (find(project, text, USAGE) for text in arguments)
    if a.figure != b.figure:
        fix = f"make compare A={shown(a.folder)} B=another run of {a.figure}"
        raise UserError(
            "runs of different figures have nothing to compare",
            f"{a.figure} and {b.figure}",
            "two runs of one figure",
            fix,
        )
    changed = difference.parameters(a.parameters, b.parameters)
    rows, notes = numbers(a, b)
    print(f"A: {a.title}  ({shown(a.folder)})\nB: {b.title}  ({shown(b.folder)})\n")
    print(
        table(["parameter", "A", "B"], changed, [40, 40, 40]) if changed else "no parameter differs"
    )
    print()
    print(table(HEADER, rows, [40, 32, 32, 11, 7, 12]) if rows else "no number differs")
    print("", *(line for note in notes for line in wrap(note, 100)), "", sep="\n")
    print(shown(write(project, a, b, changed, rows, notes)))
    return 0


def numbers(a: Published, b: Published) -> tuple[list[list[str]], list[str]]:
    """The rows of the numbers that are not the same, and what must be known to read them."""
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
    same = difference.identical(a.data, b.data)
    if same:
        notes.append(f"Panels with the same arrays to the last bit: {', '.join(same)}.")
    return rows, notes


def write(
    project: Project,
    a: Published,
    b: Published,
    changed: list[list[str]],
    rows: list[list[str]],
    notes: list[str],
) -> Path:
    """Writes the page, and returns its path."""
    from experiments.runs.page import render

    names = sorted({path.name for run in (a, b) for path in run.pictures})
    pictures = [
        [(label, run, _picture(run, name)) for label, run in (("A", a), ("B", b))] for name in names
    ]
    page = render(
        "compare.html",
        title=f"{a.title} against {b.title}",
        pictures=pictures,
        parameters=changed,
        header=HEADER,
        rows=rows,
        notes=notes,
        captions=[caption(Path(name).stem) for name in names],
        provenance=provenance(a, b),
    )
    return publish(project, f"{label(project, a)}--{label(project, b)}", page)


def publish(project: Project, name: str, page: str) -> Path:
    """Writes a page below results/reports/, where the index of runs then lists it."""
    results = project.root / "results"
    path = results / "reports" / f"{name}.html"
    write_text(path, page)
    index.write(results)
    return path


def _picture(run: Published, name: str) -> Path | None:
    path = run.folder / name
    return path if path.is_file() else None


def label(project: Project, run: Published) -> str:
    """As "smoke-fig5-published.radius=1.0"."""
    folder, results = run.folder.resolve(), (project.root / "results").resolve()
    inside = folder.is_relative_to(results)
    return "-".join(folder.relative_to(results).parts if inside else folder.parts[-2:])


if __name__ == "__main__":
    run_command(main)
