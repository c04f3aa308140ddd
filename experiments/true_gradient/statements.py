"""What the committed numbers of figure 9 say, with intervals over tasks that are not silent."""

from experiments.engine.base import Data, Quantity

REFERENCE = "stochastic_ad_systematic"


def trainings(data: Data) -> dict[str, Quantity]:
    """Final loss of every method over that of stochastic AD, in pairs.

    Args:
        data: a panel of `unbiased_training`, with its pooled arrays.
    """
    names = [str(name) for name in data["methods"][0]]
    reference = names.index(REFERENCE)
    return {
        f"{name}_over_{REFERENCE}": _quantity(data, data["paired"][i, reference])
        for i, name in enumerate(names)
        if i != reference
    }


def alignment(data: Data) -> dict[str, Quantity]:
    """Rank correlation of alignment and what is learned; change of cosines along training.

    Args:
        data: a panel of `alignment_along_training`, with its pooled arrays.
    """
    pairs = zip(data["predictors"], data["rank_correlations"], strict=True)
    changes = zip(data["methods"][0], data["cosine_change"], strict=True)
    return {f"{name}_rank_correlation": _quantity(data, row) for name, row in pairs} | {
        f"{name}_cosine_change": _quantity(data, row) for name, row in changes
    }


def _quantity(data: Data, row: list[float]) -> Quantity:
    value, low, high = map(float, row)
    tasks = f"{data['n_compared']} of {len(data['silent'])} tasks"
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=tasks)
