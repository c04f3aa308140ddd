"""Check the committed numbers, then published numbers, then the paper's claims.

Without arguments, the smoke presets of all figures are computed again; only compute=auto reads
results from the cache. The committed numbers of figures decide claims on larger presets. With a
figure and parameters, the figure's claims are evaluated for these parameters, by numbers from the
cache or computed.
"""

import argparse
from collections.abc import Sequence

from experiments.engine.config import Project, plan
from experiments.engine.errors import UserError, run_command
from experiments.engine.experiment import Quantity
from experiments.engine.jax_setup import refuse_bad_jaxlib
from experiments.engine.run import collect
from experiments.replication import published
from experiments.replication.claim import Claim, claims_of
from experiments.replication.goldens import compute_smoke, concluded, not_reproduced, read
from experiments.replication.relations import Outcome
from experiments.replication.verdicts import verdicts
from experiments.tables import aligned


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Print the tables.

    Returns:
        0 if every number is reproduced and no claim fails, else 1. A claim that is undecided, or
        that fails under changed parameters, is a finding, not a fault.

    Raises:
        UserError: If a figure named after ``--without`` does not exist, or if the installed jaxlib
            computes wrong sums.
    """
    parser = argparse.ArgumentParser("python -m experiments.replication.verify")
    parser.description = __doc__
    parser.add_argument("overrides", nargs="*", help="compute=auto, or a figure and parameters")
    words = "figures to leave out: their committed numbers are used"
    parser.add_argument("--without", nargs="+", default=[], metavar="FIGURE", help=words)
    options, project = parser.parse_args(arguments), project or Project()
    arguments = options.overrides
    from_cache = arguments == ["compute=auto"]
    if arguments and not from_cache:
        return verify_run(project, arguments)
    if unknown := set(options.without) - project.presets().keys():
        what, expected = "there is no such figure to leave out", ", ".join(project.presets())
        raise UserError(what, " ".join(sorted(unknown)), expected, "leave it out of --without")
    refuse_bad_jaxlib()
    quantities, n_differences = reproduced(project, from_cache, options.without)
    if (project.root / published.PUBLISHED).is_file():
        differences = published.show(project, quantities, from_cache)
        n_differences += show_differences(differences)
    failed = []
    for place in project.places:
        numbers = [figure.removeprefix("fig") for figure in place.figures_in()]
        outcomes = [(claim, claim.evaluate(quantities)) for claim in claims_of([place])]
        failed += show(outcomes, f"claims on figures {numbers[0]} to {numbers[-1]}")
    return 1 if failed or n_differences else 0


def reproduced(
    project: Project, from_cache: bool, without: Sequence[str] = ()
) -> tuple[dict[str, Quantity], int]:
    """Compute smoke presets, and print the numbers that differ from the goldens.

    Returns:
        The quantities by "figN.panel.name", with those of committed figures, and the number of
        quantities that were not reproduced.
    """
    # Read before anything is computed.
    from_figures = concluded(project)
    goldens = {figure: read(project.golden(figure)) for figure in project.presets()}
    quantities, differences = {}, []
    for figure, golden in goldens.items():
        is_left_out = figure in without
        measured = golden.quantities if is_left_out else compute_smoke(figure, project, from_cache)
        differences += not_reproduced(figure, golden, measured)
        quantities |= {f"{figure}.{name}": quantity for name, quantity in measured.items()}
    left_out = f"; not computed: {', '.join(without)}" if without else ""
    print(f"goldens: {len(quantities)} quantities, {len(differences)} not reproduced{left_out}\n")
    return from_figures | quantities, show_differences(differences)


def show_differences(rows: Sequence[Sequence[str]]) -> int:
    """Print committed numbers that were not reproduced, and return how many there are."""
    if rows:
        header = ["quantity", "committed", "measured", "allowed"]
        print(aligned(header, rows, [50, 20, 20, 40]), "\n")
    return len(rows)


def verify_run(project: Project, overrides: Sequence[str]) -> int:
    """Evaluate a figure's claims for the parameters of a run, and print the table.

    Returns:
        0, or 1 if a claim fails under the parameters that it is stated for.
    """
    run = plan(project, overrides)
    refuse_bad_jaxlib()
    record = collect(project, run)
    outcomes = verdicts(record)
    print(f"{run.figure}/{run.preset}, changed: {', '.join(run.modified) or 'nothing'}\n")
    failed = show(outcomes, "claims", run.preset)
    if run.modified and failed:
        print("Claims are stated for a preset, some as a number (=) that depends on parameters;")
        print("a claim that fails under other parameters is a finding.")
    stated = {claim.id for claim, _ in outcomes if claim.preset == run.preset}
    return 0 if run.modified or not stated & set(failed) else 1


def show(outcomes: Sequence[tuple[Claim, Outcome]], title: str, preset: str = "") -> list[str]:
    """Print claims with their verdicts, and return the names of failed claims.

    Args:
        outcomes: Claims and what they came to.
        title: Words before the numbers of claims that hold, are undecided and fail.
        preset: The preset of the run that decides them; by default, each claim's own.
    """
    rows = []
    for c, o in outcomes:
        verdict = o.verdict if o.holds else o.verdict.upper()
        columns = [c.id, c.statement, c.quantity, o.measured, str(c.relation), verdict]
        rows.append([*columns, preset or c.preset])
    header = ["claim", "statement", "quantity", "measured", "must be", "verdict", "preset"]
    print(aligned(header, rows, [5, 44, 34, 30, 24, 9, 6]))
    failed = [claim.id for claim, outcome in outcomes if outcome.holds is False]
    undecided = [claim.id for claim, outcome in outcomes if outcome.holds is None]
    n_holding = len(outcomes) - len(undecided) - len(failed)
    print(f"\n{title}: {n_holding} hold, {len(undecided)} undecided, {len(failed)} fail")
    for verdict, names in (("undecided", undecided), ("fail", failed)):
        if names:
            print(f"{verdict}:", *names)
    print()
    return failed


if __name__ == "__main__":
    run_command(main)
