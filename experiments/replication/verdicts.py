"""A figure's claims, decided by the numbers of one run."""

from contextlib import suppress
from dataclasses import replace

from experiments.engine.errors import UserError
from experiments.engine.record import Record
from experiments.engine.registry import Project
from experiments.replication.claim import Claim
from experiments.replication.claims import CLAIMS
from experiments.replication.committed import conclusions
from experiments.replication.relations import Outcome


def verdicts(record: Record) -> list[tuple[Claim, Outcome]]:
    """Decide a figure's claims by one run; those that it does not measure are undecided.

    Under other parameters than a claim is stated for, a number without its error is not measured:
    of one seed there is none.
    """
    figure = record.plan.figure
    quantities = {f"{figure}.{name}": quantity for name, quantity in record.summary.items()}
    # Not to be had from every choice of methods and seeds.
    with suppress(KeyError, ValueError, UserError):
        quantities |= conclusions(Project(), figure, record.arrays)
    outcomes = []
    for claim in CLAIMS:
        if any(name.startswith(f"{figure}.") for name in claim.value_of):
            outcome = claim.evaluate(quantities)
            found = [quantities.get(name) for name in claim.value_of]
            stated = claim.preset == record.plan.preset and not record.plan.modified
            if None in found or not stated and any(q and q.has_no_error for q in found):
                outcome = replace(outcome, holds=None)
            outcomes.append((claim, outcome))
    return outcomes
