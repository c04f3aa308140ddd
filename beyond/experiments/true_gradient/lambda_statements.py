"""What trainings over time say of the predictions on losses between spikes in figure 10.

Families are those of beyond/docs/hypotheses.md: 8 over time, 3 in figure 6's task, 4 on hidden
spikes, each corrected by Holm. One that is not whole concludes nothing.
"""

from collections.abc import Mapping

import numpy as np

from beyond.experiments.statistics import sign_test
from experiments.engine.base import Data, Quantity, band, listed
from experiments.statistics import holm

REGIMES = ("lambda_easy", "lambda_steep")
PAINTED = ("lambda_picture",)
SILENCE = ("hidden_easy", "hidden_steep")
RISES = (("lambda0", "lambda-0.5"), ("lambda0.5", "lambda0"), ("lambda1", "lambda0.5"))
"""Prediction L2: the first has the lower loss."""
PICTURE = (("lambda1", "lambda0"), ("lambda0.5", "lambda0"), ("lambda1", "lambda0.5"))
HIDDEN = (("gamma0.001", "lambda1"), ("gamma0.01", "lambda1"))
LOST = "lost_at_0"


def found(panels: Mapping[str, Data]) -> dict[str, Quantity]:
    """Return ratios of final losses and the share of the lead that is lost, with p-values."""
    return (
        _family(panels, REGIMES, RISES, lost=True)
        | _family(panels, PAINTED, PICTURE)
        | _family(panels, SILENCE, HIDDEN)
    )


def _family(
    panels: Mapping[str, Data],
    names: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    lost: bool = False,
) -> dict[str, Quantity]:
    needed = {arm for pair in pairs for arm in pair}
    if not all(name in panels and needed <= {*listed(panels[name], "methods")} for name in names):
        return {}
    found, p_values = {}, {}
    for panel in names:
        data = panels[panel]
        arms, n = listed(data, "methods"), len(data["log_loss"])
        for first, second in pairs:
            i, j = arms.index(first), arms.index(second)
            a, b = int(data["lower"][i, j]), int(data["lower"][j, i])
            name = f"{first}_over_{second}"
            why = f"lower in {a} of {n} tasks, higher in {b}"
            found[f"{panel}.{name}"] = _interval(data["paired"][i, j], why)
            p_values[name, panel] = sign_test(a, b)
        if lost:
            found[f"{panel}.{LOST}"] = _interval(data["lost"], f"{n} tasks")
            found[f"{panel}.invariant"] = band(float(data["invariant"]), 0, 1e-4, "rounding")
            p_values[LOST, panel] = float(data["lost_p"])
    corrected = holm(np.array(list(p_values.values())))
    why = f"Holm, of {len(p_values)}"
    for (name, panel), p in zip(p_values, corrected, strict=True):
        found[f"{panel}.{name}_p"] = band(float(p), 0, 1, why)
    for name in dict.fromkeys(name for name, _ in p_values) if len(names) > 1 else ():
        largest = max(found[f"{panel}.{name}_p"].value for panel in names)
        found[f"{name}_p"] = band(largest, 0, 1, f"the larger of both; {why}")
    return found


def _interval(row: np.ndarray, why: str) -> Quantity:
    value, low, high = map(float, row)
    return Quantity(value, "statistical", ci_low=low, ci_high=high, why=why)
