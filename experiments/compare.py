"""Comparison of two runs: make compare A=results/smoke/fig5 B=results/smoke/fig5-...

Name a run by its folder, or by a preset, as fig5/smoke. The command prints the parameters that
differ, the quantities with their errors, and the verdicts on the paper's claims. It writes a PNG
with both pictures side by side below results/compared; the last line is its path.
"""

import argparse
import math
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

from PIL import Image

from experiments.engine.cache import new_file
from experiments.engine.config import Project, Run
from experiments.engine.errors import UserError, from_here, nearest, run_command
from experiments.engine.experiment import Quantity
from experiments.engine.quantity import brief
from experiments.publish import META, first_run
from experiments.replication.verdicts import verdicts
from experiments.tables import aligned, wrap

LEVEL = 0.05
"""Probability that the comparison of equal runs reports a difference."""
SAME, UNDECIDED, DIFFERS, NONE = "same", "undecided", "differs", "–"
SIDES = "A", "B"


def main(arguments: Sequence[str], project: Project | None = None) -> None:
    """Print the comparison, write the pictures side by side, and print their path."""
    parser = argparse.ArgumentParser("python -m experiments.compare", description=__doc__)
    parser.add_argument("runs", metavar="RUN", nargs=2, help="a run of a figure")
    names, project = parser.parse_args(arguments).runs, project or Project()
    runs = _found(project, names)
    for side, run in zip(SIDES, runs, strict=True):
        print(f"{side}: {run.title}  ({from_here(_folder(run))})")
    header, changed = _parameters(runs)
    print("", aligned(header, changed, [40] * 3) if changed else "no parameter differs", sep="\n")
    header, claims = _claims(runs)
    print("", aligned(header, claims, [5, 44, 24, *[34, 9] * 2]), sep="\n")
    header, rows, notes = _numbers(runs)
    shown = aligned(header, rows, [40, 32, 32, 11, 7, 12]) if rows else "no number differs"
    print("", shown, "", *(line for note in notes for line in wrap(note, 100)), sep="\n")
    print(from_here(side_by_side(project.root / "results", runs)))


def find(project: Project, text: str, usage: str) -> Run:
    """Return the run that a user names.

    Args:
        project: Where results lie.
        text: The run's folder, that folder's path below results/, a file in the folder, or a
            preset, as "fig5/smoke".
        usage: Command for the fix of the error, with {} in place of a run.

    Raises:
        UserError: If the run does not exist or is damaged.
    """
    results = project.root / "results"
    candidates = [Path(text), results / text] if text.strip() else []
    preset = re.fullmatch(r"(?P<figure>fig\d+)/(?P<preset>\w+)", text)
    if preset:
        candidates.append(results / preset["preset"] / preset["figure"])
    if run := first_run(path.parent if path.is_file() else path for path in candidates):
        return run
    names = [from_here(path.parent) for path in sorted(results.glob(f"*/fig*/{META}"))]
    # A preset's own folder, which `make figure-N` fills.
    preset = preset or re.fullmatch(r"(?:results/)?(?P<preset>\w+)/(?P<figure>fig\d+)/?", text)
    figure, name = (preset["figure"], preset["preset"]) if preset else ("fig5", "smoke")
    fix = f"make figure-{figure[3:]} PRESET={name}"
    if names and not preset:
        fix = usage.replace("{}", nearest(text, names) or names[0])
    what = "there is no such run" if text else "no run is named"
    listed = "".join(f"\n{'':12}{name}" for name in names)
    raise UserError(what, text or "nothing", f"a run that was made{listed}", fix)


def is_same(a: Quantity, b: Quantity) -> bool:
    """Return whether two values are equal, or exact and within the larger of their error bounds."""
    if a.value == b.value or math.isnan(a.value) and math.isnan(b.value):
        return True
    return a.kind == b.kind == "exact" and abs(b.value - a.value) <= max(a.error, b.error)


def z_score(a: Quantity, b: Quantity) -> float | None:
    """Return the second value minus the first, divided by the standard error of the difference.

    None for equal values, and for numbers without standard errors.
    """
    if is_same(a, b) or (a.kind, b.kind) != ("statistical", "statistical"):
        return None
    se = math.hypot(a.se, b.se)
    return (b.value - a.value) / se if 0 < se < math.inf else None


def largest_by_chance(n: int) -> float:
    """Return the ``|z|`` that any of n equal numbers exceeds with probability `LEVEL`.

    The correction is Bonferroni's.
    """
    return NormalDist().inv_cdf(1 - LEVEL / (2 * max(n, 1)))


def verdict(a: Quantity, b: Quantity, largest: float) -> str:
    """Write in words whether two numbers differ.

    Args:
        a: A number of the first run.
        b: The same number of the second run.
        largest: Largest ``|z|`` of an undecided difference.
    """
    if is_same(a, b):
        return SAME
    if (z := z_score(a, b)) is not None:
        return DIFFERS if abs(z) > largest else UNDECIDED
    if a.kind == b.kind == "exact":
        return DIFFERS
    ends = [math.nan if end is None else end for end in (a.ci_low, b.ci_low, a.ci_high, b.ci_high)]
    if any(map(math.isnan, ends)):
        return f"{UNDECIDED}: no error known"
    return f"{DIFFERS}: intervals apart" if max(ends[:2]) > min(ends[2:]) else UNDECIDED


def side_by_side(results: Path, runs: Sequence[Run]) -> Path:
    """Write the figures of two runs into one PNG, the first on the left, and return its path."""
    figure = runs[0].figure
    pictures = [Image.open(_folder(run) / f"{figure}.png").convert("RGB") for run in runs]
    size = sum(x.width for x in pictures), max(x.height for x in pictures)
    both = Image.new("RGB", size, "white")
    for i, picture in enumerate(pictures):
        both.paste(picture, (i * pictures[0].width, 0))
    names = "--".join(f"{run.preset}-{run.folder.name}" for run in runs)
    path = results / "compared" / f"{names}.png"
    with new_file(path) as temporary:
        both.save(temporary, "PNG")
    return path


def _folder(run: Run) -> Path:
    """Return the folder of a published run."""
    assert run.path is not None
    return run.path


def _found(project: Project, names: Sequence[str]) -> list[Run]:
    """Return two runs of a figure.

    Raises:
        UserError: If a run does not exist, or if the runs show different figures.
    """
    first, second = names
    a = find(project, first, f"make compare A={{}} B={second}")
    b = find(project, second, f"make compare A={from_here(_folder(a))} B={{}}")
    if a.figure != b.figure:
        raise UserError(
            "runs of different figures have nothing to compare",
            f"{a.figure} and {b.figure}",
            "two runs of one figure",
            f"make compare A={from_here(_folder(a))} B=another run of {a.figure}",
        )
    return [a, b]


def _parameters(runs: Sequence[Run]) -> tuple[list[str], list[list[str]]]:
    """Return a header and the parameters that differ between two runs."""
    a, b = (run.parameters for run in runs)
    rows = [
        [name, *(str(side.get(name, NONE)) for side in (a, b))]
        for name in {**a, **b}
        if (name in a, a.get(name)) != (name in b, b.get(name))
    ]
    return ["parameter", *SIDES], rows


def _claims(runs: Sequence[Run]) -> tuple[list[str], list[list[str]]]:
    """Return a header and the figure's claims, with the number and the verdict in each run."""
    decided: list[dict[str, Any]] = [
        {claim.id: (claim, outcome) for claim, outcome in verdicts(run)} for run in runs
    ]
    claims = {name: claim for column in decided for name, (claim, _) in column.items()}
    rows = []
    for name, claim in claims.items():
        row = [name, claim.statement, str(claim.relation)]
        for column in decided:
            outcome = column[name][1] if name in column else None
            row += [outcome.measured, outcome.verdict] if outcome else [NONE, NONE]
        rows.append(row)
    header = ["claim", "statement", "must be"]
    return [*header, *(f"{x}, {side}" for side in SIDES for x in ("measured", "verdict"))], rows


def _numbers(runs: Sequence[Run]) -> tuple[list[str], list[list[str]], list[str]]:
    """Return a header, a row for each differing number, and notes."""
    a, b = (run.summary for run in runs)
    shared = [(a[name], b[name]) for name in a if name in b]
    n = sum(z_score(*pair) is not None for pair in shared)
    largest, rows = largest_by_chance(n), []
    for name in {**a, **b}:
        if name not in a or name not in b:
            values = [brief(side[name]) if name in side else NONE for side in (a, b)]
            rows.append([name, *values, NONE, NONE, f"only in {'A' if name in a else 'B'}"])
        elif not is_same(x := a[name], y := b[name]):
            z = z_score(x, y)
            z_text = NONE if z is None else f"{z:+.1f}"
            gap = f"{y.value - x.value:+.4g}"
            rows.append([name, brief(x), brief(y), gap, z_text, verdict(x, y, largest)])
    agreeing, alone = sum(is_same(*pair) for pair in shared), len({**a, **b}) - len(shared)
    notes = [f"{agreeing} of {len(shared)} numbers agree within their errors."]
    if alone:
        notes[0] += f" Numbers of one run alone: {alone}."
    if n:
        notes.append(
            f"z: difference over the root of the sum of both squared standard errors. A number "
            f"differs if |z| > {largest:.2f}; for smaller |z| it is undecided. The largest |z| of "
            f"{n} equal numbers exceeds {largest:.2f} in {LEVEL:.0%} of comparisons."
        )
        seeds = [{part["seed"] for each in run.parts.values() for part in each} for run in runs]
        if seeds[0] & seeds[1] - {None}:
            notes.append(
                "Both runs have seeds in common. Where they share random numbers, their errors are "
                "not independent, and z is a guide, not a test."
            )
    return ["quantity", "A", "B", "B - A", "z", "verdict"], rows, notes


if __name__ == "__main__":
    run_command(main)
