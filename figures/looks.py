"""How each estimator is called and drawn: one table for all figures.

A key names one estimator, that of `experiments.estimators`, and is drawn and called by it in every
panel. A key that is not in the table has a look that follows from its name, in grey.

- ``surrogate``: matched derivative, reset detached, sampled spikes. ``surrogate_through`` and
  ``surrogate_ignored`` differ in the derivative of the reset, ``surrogate_deterministic`` in the
  forward pass, ``surrogate_x0.25`` in the slope, by that factor (`slope_ratio`). ``super_spike`` is
  SuperSpike of slope 10 as it is practised; ``surrogate_super_spike``, ``surrogate_gaussian`` and
  ``surrogate_box`` are as wide as the matched derivative, ``scaled_sigmoid`` has height 1.
- ``smoothed_...``: smoothed stochastic AD, by coupling.
- ``stochastic_ad``: all sites flipped, straight-through coupling, the library's default; another
  coupling is part of the key. ``..._few_flips``: independent draws of some sites;
  ``..._systematic``: systematic draws.
- ``score_function``: leave-one-out baseline; ``score_function_no_baseline``: without.
- ``exact``: the gradient itself. ``exact_enumeration`` and ``transfer_matrix`` compute it.
"""

import re
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from figures.style import DETERMINISTIC, INK, NEUTRAL

DASHED, DOTTED, DASHDOT = (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1))

NO_ERROR = 1e-12
"""Errors and differences below this are rounding."""


@dataclass(frozen=True)
class Family:
    """Estimators of one kind.

    Attributes:
        color: of lines, markers and areas.
        ink: of text, where the colour is too light.
    """

    color: str
    ink: str


FAMILIES = {
    "surrogate": Family("#ebb400", "#a67c00"),
    "smoothed": Family("#c24705", "#c24705"),
    "perturbed": Family(NEUTRAL, NEUTRAL),
    "unbiased": Family("#008ca5", "#008ca5"),
    "exact": Family(INK, INK),
    "other": Family(NEUTRAL, NEUTRAL),
}


@dataclass(frozen=True)
class Look:
    """Name, colour, marker and dashes of an estimator.

    Attributes:
        label: its name.
        family: a key of `FAMILIES`.
        marker: tells the members of a family apart; triangles point to the coupling's side.
        dashes: line style.
        filled: whether markers are filled.
        short: its name in a narrow cell, if there is a shorter one.
        among: its name among its closest relatives, if another says more there.
        tint: a colour other than the family's, where several of its members meet in one panel.
    """

    label: str
    family: str
    marker: str = ""
    dashes: Any = "-"
    filled: bool = True
    short: str = ""
    among: str = ""
    tint: str = ""

    @property
    def color(self) -> str:
        """Color of lines and markers."""
        return self.tint or FAMILIES[self.family].color

    @property
    def narrow(self) -> str:
        """The name in a narrow cell."""
        return self.short or self.label

    @property
    def specific(self) -> str:
        """The name among close relatives."""
        return self.among or self.label

    def line(self) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for a line."""
        return {"color": self.color, "ls": self.dashes}

    def markers(self, size: float) -> dict[str, Any]:
        """Return the keyword arguments of `Axes.plot` for markers of a size in points."""
        face = self.color if self.filled else "white"
        edge = INK if self.filled else self.color
        width = 0.4 if self.filled else 0.9
        return {"marker": self.marker, "ms": size, "mfc": face, "mec": edge, "mew": width}


_SURROGATE, _SMOOTHED, _PERTURBED, _UNBIASED, _EXACT, _OTHER = FAMILIES
_BRONZE, _PURPLE, _DARK_TEAL, _LIGHT_TEAL = "#8f6b00", "#7a3b8f", "#004a58", "#59b9cc"


SPARE = [
    (marker, dashes)
    for marker in ("x", "+", "H", "$\\star$")
    for dashes in ("-", DASHED, DOTTED, DASHDOT)
]
"""Markers and lines of what is not in the table."""


class Looks(dict[str, Look]):
    """Looks by estimator; what is not in the table gets a grey one, the same in every figure."""

    def __missing__(self, name: str) -> Look:
        """Return a look for an estimator that is not in the table."""
        marker, dashes = SPARE[crc32(name.encode()) % len(SPARE)]
        return Look(name.replace("_", " "), _OTHER, marker, dashes, filled=False)


LOOKS = Looks(
    {
        "surrogate": Look("SG, matched", _SURROGATE, "o", short="SG", among="SG, reset detached"),
        "surrogate_x0.25": Look("SG, slope × 1/4", _SURROGATE, "1", short="SG × 1/4"),
        "surrogate_x0.5": Look("SG, slope × 1/2", _SURROGATE, "2", short="SG × 1/2"),
        "surrogate_x2": Look("SG, slope × 2", _SURROGATE, "3", short="SG × 2"),
        "surrogate_x4": Look("SG, slope × 4", _SURROGATE, "4", short="SG × 4"),
        "surrogate_super_spike": Look(
            "SG, SuperSpike", _SURROGATE, "^", DASHDOT, short="SuperSpike", tint="#a684b3"
        ),
        "surrogate_gaussian": Look("SG, Gaussian", _SURROGATE, "h", DASHED, short="Gaussian"),
        "surrogate_box": Look("SG, box", _SURROGATE, "p", DOTTED, short="box"),
        "surrogate_deterministic": Look(
            "SG, deterministic", _SURROGATE, "", (0, (4, 2)), short="SG determ.", tint=DETERMINISTIC
        ),
        "surrogate_expected": Look("SG, expected", _SURROGATE, "o", DOTTED, filled=False),
        "surrogate_layered_mean": Look("SG, layered mean", _SURROGATE, "o", DASHED, filled=False),
        "surrogate_through": Look("SG, through the reset", _SURROGATE, "s", DASHED, tint=_BRONZE),
        "surrogate_through_x0.25": Look(
            "SG, through the reset, slope × 1/4",
            _SURROGATE,
            "v",
            DASHDOT,
            short="SG through × 1/4",
            among="SG through, slope × 1/4",
            tint="#c2a34a",
        ),
        **{
            f"surrogate_through_x{ratio}": Look(
                f"SG, through the reset, slope × {words}",
                _SURROGATE,
                marker,
                short=f"SG through × {words}",
                tint=_BRONZE,
            )
            for ratio, words, marker in (("0.5", "1/2", "2"), ("2", "2", "3"), ("4", "4", "4"))
        },
        "surrogate_ignored": Look("SG, reset ignored", _SURROGATE, "D", DOTTED, tint=NEUTRAL),
        "super_spike": Look("SuperSpike, slope 10", _SURROGATE, "^", DASHDOT, tint=_PURPLE),
        "scaled_sigmoid": Look("scaled sigmoid", _SURROGATE, "D", DASHED, tint=NEUTRAL),
        "mean_field": Look("mean field", _SMOOTHED, "X", (0, (2, 1))),
        "smoothed_straight_through": Look("smoothed, straight-through", _SURROGATE, "s"),
        "smoothed_right": Look("smoothed, right", _SMOOTHED, ">", DASHED, short="right"),
        "smoothed_left": Look("smoothed, left", _SMOOTHED, "<", DOTTED, short="left"),
        "smoothed_two_sided": Look(
            "smoothed, two-sided", _SMOOTHED, "D", DASHDOT, short="two-sided"
        ),
        "path_sample_analytic": Look("path sample-analytic", _SMOOTHED, "P", short="PSA"),
        "finite_differences": Look(
            "finite differences", _PERTURBED, "s", DASHED, short="fin. diff."
        ),
        "evolution_strategies": Look(
            "evolution strategies", _PERTURBED, "*", DOTTED, short="evol. str."
        ),
        "stochastic_ad": Look("stochastic AD", _UNBIASED, "o", short="stoch. AD"),
        "stochastic_ad_right": Look("stochastic AD, right", _UNBIASED, ">"),
        "stochastic_ad_left": Look("stochastic AD, left", _UNBIASED, "<"),
        "stochastic_ad_two_sided": Look("stochastic AD, two-sided", _UNBIASED, "D"),
        "stochastic_ad_few_flips": Look(
            "stochastic AD, few flips", _UNBIASED, "P", DASHED, filled=False, short="few flips"
        ),
        "stochastic_ad_systematic": Look("stochastic AD, systematic", _UNBIASED, "P", DASHDOT),
        "stochastic_ad_stratified": Look("stochastic AD, stratified", _UNBIASED, "h", DASHED),
        "stochastic_ad_two_sided_systematic": Look(
            "stochastic AD, two-sided, systematic", _UNBIASED, "D", DASHDOT, filled=False
        ),
        "stochastic_ad_left_systematic": Look(
            "stochastic AD, left, systematic", _UNBIASED, "<", DOTTED, filled=False
        ),
        "suffix_replays": Look("short replays", _UNBIASED, "X", DASHDOT, tint=_LIGHT_TEAL),
        "truncated_replays": Look(
            "truncated replays", _UNBIASED, "X", DOTTED, filled=False, tint=_LIGHT_TEAL
        ),
        "disarm": Look("DisARM", _UNBIASED, "d", DASHED),
        "score_function": Look(
            "score function, leave-one-out",
            _UNBIASED,
            "^",
            DASHDOT,
            filled=False,
            short="score LOO",
            tint=_DARK_TEAL,
        ),
        "score_function_no_baseline": Look(
            "score function, no baseline",
            _UNBIASED,
            "v",
            DOTTED,
            filled=False,
            short="score",
            tint=_DARK_TEAL,
        ),
        "exact": Look("exact", _EXACT, "", tint="#c8c8c8"),
        "exact_enumeration": Look("all paths", _EXACT, "o"),
        "transfer_matrix": Look("transfer matrices", _EXACT, "s", ":", filled=False, tint=NEUTRAL),
    }
)

RATIO = re.compile(r"_x([0-9.]+)$")


def slope_ratio(name: str) -> tuple[str, float]:
    """Return a surrogate's name without its slope, and the slope over that of the escape noise."""
    found = RATIO.search(name)
    return (name[: found.start()], float(found[1])) if found else (name, 1.0)


EXACT = {**LOOKS["exact"].line(), "lw": 4}
"""The exact gradient lies as a broad line below what is compared with it."""
