"""Verdicts of the claims that are about given quantities."""

from experiments.replication.claim import evaluate_claims


def verdicts(claims, figure, quantities):
    """Verdicts by claim, of those all of whose quantities are given."""
    named = {f"{figure}.{name}": quantity for name, quantity in quantities.items()}
    about = tuple(claim for claim in claims if set(claim.value_of) <= set(named))
    return {claim.id: outcome.verdict for claim, outcome in evaluate_claims(about, named)}
