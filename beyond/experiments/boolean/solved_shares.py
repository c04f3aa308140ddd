"""Shares of Boolean tasks solved at chosen rates, for experiments that train at several rates."""

import numpy as np

from beyond.experiments import chosen_rates
from beyond.experiments.boolean.boolean_tasks import SOLVED
from experiments.engine.experiment import Data, array

ARRAYS = {
    "n_tasks": array("", "tasks of all seeds"),
    "chosen_rate": array("method", "learning rate"),
    "at_end": array("method", "whether the chosen rate is an end of the grid"),
    "share": array("method, statistic", "of tasks solved, with 95 % bootstrap interval"),
    "difference": array("method, method, statistic", "of shares solved; bootstrap interval"),
    "only": array("method, method", "tasks that the first solves and the second does not"),
}
"""Declarations of the arrays that `solved_shares` returns."""


def solved_shares(data: Data) -> Data:
    """Return shares at chosen rates and directions in pairs; intervals include the choice.

    Args:
        data: "tuning", "wrong" and "rates", with a first axis of seeds.
    """
    tuning, wrong = (np.concatenate(data[name], axis=-1) for name in ("tuning", "wrong"))
    which = chosen_rates.chosen(tuning)
    solved = wrong < SOLVED
    end = chosen_rates.at_chosen(solved, which)
    shares = chosen_rates.resampled(tuning, solved)
    return {
        "n_tasks": np.array(end.shape[1]),
        "chosen_rate": data["rates"][0][which],
        "at_end": chosen_rates.at_end(which, len(data["rates"][0])),
        "share": chosen_rates.with_interval(end.mean(axis=1), shares),
        "difference": chosen_rates.differences(end, shares),
        "only": np.sum(end[:, None] & ~end[None], axis=-1),
    }
