"""Verdicts of the claims that are about given quantities."""


def verdicts(claims, figure, quantities):
    """Verdicts by claim, of those all of whose quantities are given."""
    named = {f"{figure}.{name}": quantity for name, quantity in quantities.items()}
    about = [claim for claim in claims if set(claim.value_of) <= set(named)]
    return {claim.id: claim.evaluate(named).verdict for claim in about}
