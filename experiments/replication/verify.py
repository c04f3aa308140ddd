"""Checks JAX's arithmetic, the committed numbers, then the paper's claims.

python -m experiments.replication.verify

Every figure's smoke preset is computed anew; the cache is not read. Claims on larger presets are
decided by the committed numbers of their figures.
"""

import sys
from collections.abc import Sequence

from experiments.engine.errors import UserError, guarded
from experiments.engine.registry import Project


def main(arguments: Sequence[str], project: Project | None = None) -> int:
    """Prints both tables.

    Returns:
        0 if every number is reproduced and no claim fails, else 1; a claim may be undecided.
    """
    if arguments:
        raise UserError("verify takes no arguments", " ".join(arguments), "nothing", "make verify")
    from experiments.engine.runtime import refuse_bad_jaxlib
    from experiments.replication import committed
    from experiments.replication.claim import evaluate_claims
    from experiments.replication.claims import CLAIMS
    from experiments.replication.goldens import compare, compute_smoke, read
    from experiments.replication.table import table
    from snn import selftest

    refuse_bad_jaxlib()
    if wrong := [outcome for outcome in selftest.check() if outcome.wrong]:
        raise UserError(
            "the installed JAX computes wrong sums",
            "; ".join(map(str, wrong)),
            "exact sums of small integers",
            "make setup, for the versions of requirements.lock; python -m snn.selftest shows it",
        )
    project = project or Project()
    quantities, differences = {}, []
    for figure in project.presets():
        path = project.goldens / f"{figure}.json"
        if not path.is_file():
            raise UserError(f"{figure} has no goldens", "no file", str(path), "make goldens")
        measured = compute_smoke(figure, project)
        differences += compare(figure, read(path), measured)
        quantities |= {f"{figure}.{name}": quantity for name, quantity in measured.items()}
    print(f"goldens: {len(quantities)} quantities, {len(differences)} not reproduced\n")
    if differences:
        rows = [[d.name, _number(d.golden), _number(d.measured), d.allowed] for d in differences]
        print(table(["quantity", "golden", "measured", "allowed"], rows, [50, 20, 20, 40]), "\n")

    outcomes = evaluate_claims(CLAIMS, committed.quantities(project) | quantities)
    rows = [
        [
            c.id,
            c.statement,
            c.quantity,
            o.measured,
            str(c.relation),
            o.verdict if o.holds else o.verdict.upper(),
            c.preset,
        ]
        for c, o in outcomes
    ]
    header = ["claim", "statement", "quantity", "measured", "must be", "verdict", "preset"]
    print(table(header, rows, [5, 44, 34, 30, 24, 9, 6]))
    failed = [claim.id for claim, outcome in outcomes if outcome.holds is False]
    undecided = [claim.id for claim, outcome in outcomes if outcome.holds is None]
    n_holding = len(outcomes) - len(undecided) - len(failed)
    summary = f"{n_holding} hold, {len(undecided)} undecided, {len(failed)} fail"
    print(f"\nclaims: {summary}", *undecided, *failed)
    return 1 if differences or failed else 0


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.12g}"


if __name__ == "__main__":
    sys.exit(guarded(main, sys.argv[1:]))
