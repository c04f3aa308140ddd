"""What trainings over time say of the predictions on losses between spikes in figure 10.

Families are those of beyond/docs/hypotheses.md: 8 over time, 3 in figure 6's task, 4 on hidden
spikes.
"""

from collections.abc import Mapping

from beyond.experiments.families import Compared, family
from experiments.engine.base import Data, Quantity, band

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
    lost = Compared(LOST, "lambda0", "lambda1", "lost")
    over_time = family(panels, REGIMES, [*_losses(RISES), lost])
    for panel in REGIMES if over_time else ():
        off = float(panels[panel]["invariant"])
        over_time[f"{panel}.invariant"] = band(off, 0, 1e-4, "rounding")
    picture = family(panels, PAINTED, _losses(PICTURE))
    return over_time | picture | family(panels, SILENCE, _losses(HIDDEN))


def _losses(pairs: tuple[tuple[str, str], ...]) -> list[Compared]:
    return [Compared("_over_".join(pair), *pair, "loss") for pair in pairs]
