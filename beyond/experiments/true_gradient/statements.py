"""What the committed numbers of figure 9 say.

A p-value is the Holm-corrected one of its family: the 13 final losses against that of stochastic
AD, over tasks.
"""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.families import corrected, estimate
from experiments.engine.base import Data, Quantity, exact, listed

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
                found[key] = estimate(data["paired"][i, reference], _tasks(data))
                p_values[key] = data["paired_p"][i, reference]
    return found | corrected(p_values)


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
        f"{panel}.{name}_cosine_change": estimate(row, _tasks(data))
        for panel, data in panels.items()
        for name, row in zip(data["methods"][0], data["cosine_change"], strict=True)
    }


def _tasks(data: Data) -> str:
    return f"{data['n_compared']} of {len(data['silent'])} tasks"
