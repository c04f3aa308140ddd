"""How each gradient estimator is drawn and called, the same in every panel."""

from dataclasses import dataclass
from typing import Any

from figures.style import DETERMINISTIC, NEUTRAL, STOCHASTIC, THIRD

EDGE = "#333333"
SHADE = {"color": NEUTRAL, "alpha": 0.13, "lw": 0}
SMALL = 6.5

# Errors and differences below this are rounding.
NO_ERROR = 1e-12


@dataclass(frozen=True)
class Look:
    """Name, colour and marker of an estimator.

    Attributes:
        label: its name in words.
        color: the colour of its family: surrogate, smoothed, unbiased.
        marker: tells the members of a family apart; triangles point to the coupling's side.
        dashes: line style.
        filled: whether markers are filled.
    """

    label: str
    color: str
    marker: str
    dashes: Any = "-"
    filled: bool = True

    def markers(self, size: float) -> dict[str, Any]:
        """Keyword arguments of `Axes.plot` for markers of a size in points."""
        face = self.color if self.filled else "white"
        edge = EDGE if self.filled else self.color
        width = 0.4 if self.filled else 0.9
        return {"marker": self.marker, "ms": size, "mfc": face, "mec": edge, "mew": width}


LOOKS = {
    "surrogate": Look("surrogate gradient", STOCHASTIC, "o"),
    "smoothed_straight_through": Look("smoothed, straight-through", STOCHASTIC, "s"),
    "smoothed_right": Look("smoothed, right", THIRD, ">", (0, (4, 1.5))),
    "smoothed_left": Look("smoothed, left", THIRD, "<", (0, (1, 1))),
    "smoothed_two_sided": Look("smoothed, two-sided", THIRD, "D", (0, (4, 1, 1, 1))),
    "mean_field": Look("mean field", NEUTRAL, "X", (0, (2, 1))),
    "stochastic_ad": Look("stochastic AD", DETERMINISTIC, "o"),
    "stochastic_ad_right": Look("stochastic AD, right", DETERMINISTIC, ">"),
    "stochastic_ad_left": Look("stochastic AD, left", DETERMINISTIC, "<"),
    "stochastic_ad_two_sided": Look("stochastic AD, two-sided", DETERMINISTIC, "D"),
    "stochastic_ad_few_flips": Look(
        "stochastic AD, few flips", DETERMINISTIC, "P", (0, (4, 1.5)), filled=False
    ),
    "score_function": Look("score function", DETERMINISTIC, "^", (0, (4, 1, 1, 1)), filled=False),
    "score_function_no_baseline": Look(
        "score function, no baseline", DETERMINISTIC, "v", (0, (1, 1)), filled=False
    ),
}
