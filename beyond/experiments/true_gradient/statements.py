"""What the committed numbers of figure 9 say.

A p-value is the Holm-corrected one of its family: the 13 final losses against that of stochastic
AD, over tasks.
"""

from collections.abc import Mapping

import numpy as np

from experiments.engine.base import Data, Quantity, band, exact, listed
from experiments.statistics import holm

REFERENCE = "stochastic_ad_systematic"
ALPHA = 0.05
"""A corrected p-value below it decides."""


def trainings(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return final losses over that of stochastic AD, in pairs, and how many trainings are frozen.

    Panels without stochastic AD are left out.

    Args:
        panels: those of `unbiased_training`, with their pooled arrays.
    """
    found, p_values = {}, {}
    for panel, data in panels.items():
        names = listed(data, "methods")
        if REFERENCE not in names:
            continue
        reference = names.index(REFERENCE)
        frozen = data["frozen"][~data["silent"]].sum(axis=0)
        for i, name in enumerate(names):
            found[f"{panel}.{name}_frozen"] = exact(float(frozen[i]))
            if i != reference:
                key = f"{panel}.{name}_over_{REFERENCE}"
                found[key] = _interval(data, data["paired"][i, reference])
                p_values[f"{key}_p"] = data["paired_p"][i, reference]
    return found | _corrected(p_values)


def decided(panels: Mapping[str, Data]) -> dict[str, np.ndarray]:
    """Return, by panel, for which methods the loss over that of stochastic AD is decided.

    Args:
        panels: as in `trainings`.
    """
    p = {key: quantity.value for key, quantity in trainings(panels).items()}
    return {
        panel: np.array(
            [
                p.get(f"{panel}.{name}_over_{REFERENCE}_p", np.nan) < ALPHA
                for name in listed(data, "methods")
            ]
        )
        for panel, data in panels.items()
    }


def cosine_changes(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Change of each method's cosine along its own training.

    Args:
        panels: those of `alignment_along_training`, with their pooled arrays.
    """
    return {
        f"{panel}.{name}_cosine_change": _interval(data, row)
        for panel, data in panels.items()
        for name, row in zip(data["methods"][0], data["cosine_change"], strict=True)
    }


def _corrected(p_values: dict[str, float]) -> dict[str, Quantity]:
    corrected = holm(np.array(list(p_values.values())))
    why = f"Holm, of {len(p_values)}"
    return {name: band(float(p), 0, 1, why) for name, p in zip(p_values, corrected, strict=True)}


def _interval(data: Data, row: np.ndarray) -> Quantity:
    value, low, high = map(float, row)
    tasks = f"{data['n_compared']} of {len(data['silent'])} tasks"
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=tasks)
